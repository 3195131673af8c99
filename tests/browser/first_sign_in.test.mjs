// The main job: a clinic's first sign-in, by each second step and in each way that people use a browser; then the second sign-in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { inspect, seen_as } from './inspect.mjs';
import {
    assert_place, begin_first_sign_in, begin_sign_in, choose_phone, enter_code, first_sign_in_by_application, first_sign_in_by_sms,
    first_sign_in_by_voice, kPassword, press, replace_password, with_pages,
} from './journeys.mjs';
import { assert_accessible, assert_no_complaints, launch_browser, newest_code, screenshot } from './support.mjs';
import { admin, new_account, next_code, next_hours, world } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());


test('the first administrator registers an authenticator app', async () => {
    await world({ see: seen_as('administrator') });
    const { login_id } = (await world()).administrators.ministry;
    const shown = await admin('ministry', 'account', 'show', login_id);
    assert.equal((shown.account ?? shown).state, 'active');
});

test('SMS: first sign-in, then password and code only', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        const first = await first_sign_in_by_sms(page, inbox, account, { see: seen_as('sms') });
        await inspect(page, 'home-clinic-first');
        await inspect(inbox, 'inbox');
        const home = await page.locator('main').textContent();
        assert.doesNotMatch(home, /madoguchi-admin/, 'a clinic is shown nothing that it may not do');
        assert.match(home, /みどりの森クリニック/);
        assert.match(home, /既定/, 'the default second step is marked');

        next_hours();
        const again = await open();
        await begin_sign_in(again, account);
        const second = await newest_code(inbox, account.phone, { known: [first.id] });
        await again.locator('[data-state="delivered"]').waitFor();
        await inspect(again, 'code-sms-second-sign-in');
        assert.doesNotMatch(await again.locator('main').textContent(), new RegExp(account.phone), 'the number is masked');
        await enter_code(again, second.code);
        assert_place(again, '/');
        await inspect(again, 'home-clinic-second');
        assert_no_complaints(again);
    });
});

test('voice: a fixed line is called, answered, and registered', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        await first_sign_in_by_voice(page, inbox, account, account.fixed_line, { see: seen_as('voice') });
        assert_no_complaints(page);
    });
});

test('application: the picture and the text give one key; the second sign-in asks for its code', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        const again = await open();
        await begin_sign_in(again, account);
        assert.equal(await again.locator('a[href="/sign-in/methods"]').count(), 1, 'a recovery code is another way');
        await inspect(again, 'code-application');
        await enter_code(again, next_code(app));
        assert_place(again, '/');
        assert_no_complaints(again);
    });
});

test('without JavaScript: the number is read back on a page of its own', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open({ javascript: false });
        const inbox = await open();
        await begin_first_sign_in(page, account);
        // A number typed wrong is corrected from the page that reads it back.
        await page.locator('[name="phone"]').fill('０９０ー００００ー９９９９');
        await press(page);
        await screenshot(page, 'without-script-confirm-number');
        assert.match(await page.locator('.field__echo').textContent(), /090-0000-9999/);
        await press(page, page.locator('[name="edit"]'));
        assert.equal(await page.locator('[name="phone"]').inputValue(), '０９０ー００００ー９９９９');
        await screenshot(page, 'without-script-edit-number');
        await choose_phone(page, 'sms', account.phone, { javascript: false });
        const { code } = await newest_code(inbox, account.phone);
        await page.reload();
        await screenshot(page, 'without-script-code');
        await enter_code(page, code);
        await replace_password(page, account.initial_password);
        assert_place(page, '/');
        await press(page, page.locator('a[href="/sign-out"]'));
        await press(page);
        assert_no_complaints(page);
    });
});

test('English: the same journey, and no Japanese sentence in it', async () => {
    next_hours();
    const account = await new_account();
    const japanese = /[\p{Script=Hiragana}]/u;
    const english = async (page, name) => {
        assert.equal(await page.locator('html').getAttribute('lang'), 'en');
        assert.doesNotMatch(await page.locator('main').innerText(), japanese, name);
        await inspect(page, `english-${name}`);
    };
    await with_pages(browser, async (open) => {
        const page = await open({ locale: 'en-US' });
        const inbox = await open();
        await first_sign_in_by_sms(page, inbox, account, { see: english });
        assert_place(page, '/');
        const heading = await page.locator('h1').innerText();
        assert.doesNotMatch(heading, /[日月火水木金土（）]/u, 'the day of the week is in English too');
        await screenshot(page, 'english-home');
        await assert_accessible(page);
        assert_no_complaints(page);
    });
});

test('keyboard alone: no pointer anywhere', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        const tab_to = async (selector) => {
            for (let presses = 0; presses < 40; ++presses) {
                await page.keyboard.press('Tab');
                if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) {
                    return;
                }
            }
            assert.fail(`Tab never reached ${selector} on ${page.url()}`);
        };
        const enter = async (where) => {
            await page.keyboard.press('Enter');
            await page.waitForURL((url) => url.pathname === where);
        };
        await page.goto('/sign-in');
        await page.keyboard.press('Tab');
        assert.ok(await page.evaluate(() => document.activeElement.matches('.skip')), 'the first stop is the way past the header');
        await screenshot(page, 'keyboard-skip-link');
        await tab_to('#login_id');
        await page.keyboard.type(account.login_id);
        await enter('/sign-in/password');
        await tab_to('#password');
        await page.keyboard.type(account.initial_password);
        await enter('/sign-in/second-step');
        await tab_to('[name="method"]');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowUp');
        await tab_to('#phone');
        await page.keyboard.type(account.phone);
        await enter('/sign-in/code');
        const { code } = await newest_code(inbox, account.phone);
        await tab_to('#code');
        await page.keyboard.type(code);
        await enter('/sign-in/new-password');
        await tab_to('#current_password');
        await page.keyboard.type(account.initial_password);
        await tab_to('#new_password');
        await page.keyboard.type(kPassword);
        await tab_to('#new_password_again');
        await page.keyboard.type(kPassword);
        await enter('/');
        assert_no_complaints(page);
    });
});

test('a phone 390 px wide: everything in view, nothing sideways', async () => {
    next_hours();
    const account = await new_account();
    const fits = async (page) => {
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(over, 0, `${page.url()} is ${over}px wider than the phone`);
    };
    await with_pages(browser, async (open) => {
        const page = await open({ width: 390 });
        const inbox = await open();
        await first_sign_in_by_sms(page, inbox, account, { see: fits });
        await fits(page);
        assert_no_complaints(page);
    });
});
