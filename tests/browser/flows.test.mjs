// What browsers and people do besides going forward: back, twice, in two tabs, without cookies, too late. And leaving, and the pages beside.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal } from './inspect.mjs';
import {
    answer, assert_place, begin_first_sign_in, begin_sign_in, choose_application, choose_phone, enter_code, enter_id, enter_password,
    first_sign_in_by_application, first_sign_in_by_sms, kPassword, place, press, replace_password, scan, with_pages,
} from './journeys.mjs';
import { assert_no_complaints, authenticator, inbox_messages, kOrigin, launch_browser, newest_code } from './support.mjs';
import { advance, new_account, next_code, next_hours, world } from './world.mjs';

const kTooLate = 31 * 60; // seconds: sign-ins and idle sessions end after 30 minutes

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());
beforeEach(() => next_hours());

/** What the form that is shown would send. */
const fields_of = (page, action) =>
    page.locator(`form[action="${action}"]`).first().evaluate((form) => Object.fromEntries(new FormData(form)));

/** Two identical posts at once with this browser's cookies, as two presses without scripts: their statuses, and where they lead. */
async function post_twice(page, action, form) {
    const post = () => page.context().request.post(action, { form, maxRedirects: 0, headers: { origin: kOrigin } });
    const answers = await Promise.all([post(), post()]);
    return answers.map((reply) => ({ status: reply.status(), to: reply.headers().location }));
}
const count_of = (answers, status) => answers.filter((reply) => reply.status === status).length;

test('double press: one message, one session', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        await begin_first_sign_in(page, account);
        const chosen = { ...(await fields_of(page, '/sign-in/second-step')), method: 'sms', phone: account.phone, read_back: account.phone.replaceAll('-', '') };
        const sent = await post_twice(page, '/sign-in/second-step', chosen);
        assert.ok(sent.every(({ status }) => status === 303 || status === 409), JSON.stringify(sent));
        assert.ok(count_of(sent, 303) >= 1);
        await page.goto('/sign-in/code');
        const message = await newest_code(inbox, account.phone);
        assert.equal((await inbox_messages(inbox, account.phone)).length, 1, 'one message');
        const coded = await post_twice(page, '/sign-in/code', { ...(await fields_of(page, '/sign-in/code')), code: message.code });
        assert.equal(count_of(coded, 303), 1, JSON.stringify(coded));
        assert.ok(coded.every(({ status }) => status < 500));
        await page.goto('/sign-in');
        assert.ok((await page.context().cookies()).length > 0);
        await page.goto('/sign-in/new-password');
        assert_place(page, '/sign-in/new-password');
        const last = await post_twice(page, '/sign-in/new-password', {
            ...(await fields_of(page, '/sign-in/new-password')), current_password: account.initial_password, new_password: kPassword, new_password_again: kPassword,
        });
        assert.equal(count_of(last, 303), 1, JSON.stringify(last));
        await page.goto('/');
        assert_place(page, '/');
    });
});

test('a second press of a button does nothing', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await page.goto('/sign-in');
        await page.locator('#login_id').fill(account.login_id);
        let posts = 0;
        page.on('request', (request) => {
            posts += request.method() === 'POST' ? 1 : 0;
        });
        await page.locator('main .button--primary').dblclick();
        await page.waitForURL((url) => url.pathname === '/sign-in/password');
        assert.equal(posts, 1);
        assert_no_complaints(page);
    });
});

test('the back button at each step leads to a page that works', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        await begin_first_sign_in(page, account);
        await page.goBack();
        assert_place(page, '/sign-in/second-step'); // the password is behind us
        await choose_phone(page, 'sms', account.phone);
        const first = await newest_code(inbox, account.phone);
        await page.goBack();
        assert_place(page, '/sign-in/second-step');
        assert.equal(await page.locator('[name="phone"]').inputValue(), account.phone, 'the number is still there, to be corrected');
        await inspect(page, 'back-to-second-step');
        advance(31);
        await choose_phone(page, 'sms', account.phone);
        const second = await newest_code(inbox, account.phone, { known: [first.id] });
        await enter_code(page, second.code);
        assert_place(page, '/sign-in/new-password');
        await page.goBack();
        assert_place(page, '/sign-in/new-password');
        await replace_password(page, account.initial_password);
        assert_place(page, '/');
        await page.goBack();
        assert.ok(['/', '/sign-in'].includes(place(page)), place(page));
        await page.goto('/');
        assert_place(page, '/');
        assert_no_complaints(page);
    });
});

test('a second tab: the older page is told that it is old', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await begin_first_sign_in(page, account);
        const tab = await page.context().newPage();
        await tab.goto('/sign-in/second-step');
        await choose_application(tab);
        await page.locator('[name="phone"]').fill(account.phone);
        await page.locator('[data-echo="number"]').waitFor();
        page.complaints.length = 0;
        await inspect_refusal(page, 'error-stale-step', await press(page), 409, /この画面は古くなっています/);
        await enter_code(tab, next_code(await scan(tab)));
        assert_place(tab, '/sign-in/new-password');
        // A sign-in begun anew in one tab is another sign-in: the other tab's is over.
        await enter_id(page, account.login_id);
        assert_place(page, '/sign-in/password');
        assert.equal(await replace_password(tab, account.initial_password), 409);
        await press(tab);
        assert_place(tab, '/sign-in');
    });
});

test('cookies gone in the middle', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await begin_first_sign_in(page, account);
        await page.context().clearCookies({ name: '__Host-flow' });
        await page.locator('[name="method"][value="totp"]').check();
        await inspect_refusal(page, 'error-flow-lost', await press(page), 401, /手続きが途中で切れました/);
        await press(page);
        assert_place(page, '/sign-in');
        await page.context().clearCookies();
        await page.locator('#login_id').fill(account.login_id);
        await inspect_refusal(page, 'error-csrf', await press(page), 403, /送信を確かめられませんでした/);
        await page.goto('/sign-in/code');
        assert_place(page, '/sign-in');
    });
});

test('a form without its token is refused', async () => {
    await with_pages(browser, async (open) => {
        const page = await open();
        await page.goto('/sign-in');
        await page.locator('form [name="csrf"]').first().evaluate((field) => field.remove());
        assert.equal(await answer(page, { login_id: 'midori@madoguchi.example' }), 403);
    });
});

test('a sign-in left alone for half an hour starts over', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await begin_first_sign_in(page, account);
        advance(kTooLate);
        await page.locator('[name="method"][value="totp"]').check();
        assert.equal(await press(page), 401);
        await page.goto('/sign-in/second-step');
        assert_place(page, '/sign-in');
    });
});

test('a session left alone for half an hour ends, and the sign-in page says why', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await first_sign_in_by_application(page, account, { next_code });
        advance(kTooLate);
        await page.goto('/');
        assert_place(page, '/sign-in');
        assert.match(await page.locator('main').innerText(), /しばらく操作がなかった/);
        await inspect(page, 'session-ended');
    });
});

test('signing out ends the session; the back button shows nothing of it', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await first_sign_in_by_application(page, account, { next_code });
        const cookies = await page.context().cookies();
        await press(page, page.locator('a[href="/sign-out"]'));
        await inspect(page, 'sign-out');
        await press(page);
        await inspect(page, 'signed-out');
        await page.goBack();
        assert.doesNotMatch(await page.locator('body').innerText(), new RegExp(account.login_id));
        // A copy of the cookie is worth nothing either.
        await page.context().addCookies(cookies);
        await page.goto('/');
        assert_place(page, '/sign-in');
    });
});

test('the language switch keeps the page', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        const switch_language = async (to) => {
            const before = place(page);
            await press(page, page.locator(`a[hreflang="${to}"]`));
            assert_place(page, before);
            assert.equal(await page.locator('html').getAttribute('lang'), to);
        };
        await page.goto('/sign-in');
        await switch_language('en');
        await answer(page, { login_id: account.login_id });
        await switch_language('ja');
        assert.equal(await answer(page, { password: 'chigau pasuwaado desu yo' }), 401);
        await switch_language('en');
        await answer(page, { password: account.initial_password });
        await switch_language('ja');
        await choose_phone(page, 'sms', account.phone);
        await switch_language('en');
        const { code } = await newest_code(inbox, account.phone);
        await enter_code(page, code);
        await replace_password(page, account.initial_password);
        await switch_language('ja');
        assert_place(page, '/');
        await page.goto('/sign-in/nowhere');
        await press(page, page.locator('a[hreflang="en"]'));
        assert.equal(place(page), '/sign-in/nowhere');
    });
});

test('the pages beside: help, options, not found, in both languages', async () => {
    const pages = {
        guide: '/help/guide', accessibility: '/help/accessibility', privacy: '/help/privacy', 'private-window': '/help/private-window',
        'access-help': '/help/access', 'sign-in-options': '/sign-in/options',
    };
    await with_pages(browser, async (open) => {
        for (const [language, locale] of [['japanese', 'ja-JP'], ['english', 'en-US']]) {
            const page = await open({ locale });
            for (const [name, address] of Object.entries(pages)) {
                assert.equal((await page.goto(address)).status(), 200);
                assert.equal(await page.locator('h1').count(), 1);
                await inspect(page, `${language}-${name}`);
            }
            assert.equal((await page.goto('/nowhere')).status(), 404);
            await inspect(page, `${language}-not-found`);
            assert.equal((await page.goto('/sign-in/code/again')).status(), 405);
            await inspect(page, `${language}-method-not-allowed`);
        }
        const page = await open();
        await page.goto('/sign-in');
        for (const href of await page.locator('main a, aside a, footer a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))) {
            assert.equal((await page.goto(href)).status(), 200, href);
            const anchor = href.split('#')[1];
            assert.ok(!anchor || (await page.locator(`#${anchor}`).count()) === 1, href);
            await page.goto('/sign-in');
        }
    });
});

test('home shows what the role may do, and nothing else', async () => {
    const { administrators } = await world();
    const commands = {
        ministry: ['organization', 'account', 'account reset-password', 'role', 'audit'],
        health_center: ['organization', 'account', 'account reset-password', 'role', 'audit'],
    };
    await with_pages(browser, async (open) => {
        for (const [who, wanted] of Object.entries(commands)) {
            next_hours();
            advance(60);
            const page = await open();
            const { login_id, uri } = administrators[who];
            await enter_password(page, { login_id, password: kPassword });
            await enter_code(page, next_code(authenticator(uri)));
            assert_place(page, '/');
            const shown = await page.locator('.facts--commands code').allTextContents();
            assert.deepEqual(shown, wanted.map((command) => `madoguchi-admin ${command}`), who);
            await inspect(page, `home-${who.replace('_', '-')}`);
        }
    });
});

test('nobody signs in over somebody: an open session leads home', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        await first_sign_in_by_sms(page, inbox, account);
        await page.goto('/sign-in');
        assert_place(page, '/');
        const second = await open();
        await begin_sign_in(second, account);
        await second.goto('/');
        assert_place(second, '/sign-in');
    });
});
