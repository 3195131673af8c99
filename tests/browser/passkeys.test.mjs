// Passkeys as people meet them, with Chromium's virtual authenticator: made, used after a password and alone, two of them,
// cancelled, too late, removed, copied, and where there are no scripts.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import {
    answer, assert_place, begin_first_sign_in, enter_code, enter_password, first_sign_in_by_sms, kPassword, press, replace_password,
    with_pages,
} from './journeys.mjs';
import { add_authenticator, choose_passkey, make_passkey, problem_shown, use_passkey } from './passkeys.mjs';
import { assert_no_complaints, inbox_messages, launch_browser, newest_code, until } from './support.mjs';
import { admin, advance, new_account, next_hours } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());
beforeEach(() => next_hours());

/** A first sign-in with a passkey on `page`'s own authenticator. */
async function first_sign_in_by_passkey(page, account, { see = async () => {}, name, device } = {}) {
    const on = device ?? (await add_authenticator(page));
    await begin_first_sign_in(page, account);
    await choose_passkey(page, { see });
    await make_passkey(page, { name });
    assert_place(page, '/sign-in/new-password');
    await see(page, 'new-password-after-passkey');
    await replace_password(page, account.initial_password);
    assert_place(page, '/');
    return on;
}

async function sign_out(page) {
    await press(page, page.locator('.masthead a[href="/sign-out"]'));
    await press(page);
}

/** On the way to a further second step: it asks who is there. */
async function begin_adding(page) {
    await page.goto('/security/methods/new');
    assert_place(page, '/security/confirm');
    await answer(page, { password: kPassword });
}

/** From the first page, by nothing but a passkey. */
async function begin_alone(page) {
    await page.goto('/sign-in');
    await page.locator('form:has([name="way"]) button').click();
    await page.waitForURL((url) => url.pathname !== '/sign-in');
}

test('first sign-in with a passkey, then after the password, then alone', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const device = await first_sign_in_by_passkey(page, account, { see: (at, name) => inspect(at, `passkey-${name}`), name: '診察室のパソコン' });
        assert.match(await page.locator('main').innerText(), /パスキー（診察室のパソコン）/);
        const [made] = await device.credentials();
        assert.equal(made.rpId, 'localhost');
        assert.ok(made.isResidentCredential, 'it can be found without an ID');
        await sign_out(page);

        await device.set_verified(false); // so that the page waits and can be looked at
        await enter_password(page, { login_id: account.login_id, password: kPassword });
        await page.waitForURL('**/sign-in/passkey');
        await page.waitForLoadState('networkidle');
        await inspect(page, 'passkey-second-step');
        await device.set_verified(true);
        await use_passkey(page);
        assert_place(page, '/');
        await sign_out(page);

        await page.goto('/sign-in');
        await inspect(page, 'passkey-sign-in-page');
        await begin_alone(page);
        await page.waitForURL((url) => url.pathname === '/');
        assert.match(await page.locator('main').innerText(), new RegExp(account.login_id));
        assert_no_complaints(page);
    });
});

test('cancelled, too late, and no passkey here: said, and another way leads on', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const device = await first_sign_in_by_passkey(page, account);
        await sign_out(page);

        await device.set_verified(false);
        await begin_alone(page);
        await page.waitForLoadState('networkidle');
        await page.locator('main .button--primary').click();
        assert.equal(await problem_shown(page), 'cancelled');
        assert.match(await page.title(), /^エラー：/);
        await inspect(page, 'passkey-cancelled');

        await device.set_verified(true);
        await device.set_present(false);
        await page.evaluate(() => {
            const form = document.querySelector('[data-passkey]');
            form.dataset.options = JSON.stringify({ ...JSON.parse(form.dataset.options), timeout: 500 });
        });
        await page.locator('main .button--primary').click();
        assert.equal(await problem_shown(page, 'timeout'), 'timeout');
        await look(page, 'passkey-too-late');
        await press(page, page.locator('main .links a[href="/sign-in"]'));
        assert_place(page, '/sign-in');

        const elsewhere = await open();
        await add_authenticator(elsewhere);
        await begin_alone(elsewhere);
        await elsewhere.waitForLoadState('networkidle');
        await elsewhere.locator('main .button--primary').click();
        assert.equal(await problem_shown(elsewhere), 'cancelled', 'browsers do not tell "none here" from "cancelled"');
        assert.match(await elsewhere.locator('[data-problem="cancelled"]').innerText(), /この端末にこのサービスのパスキーがありません/);
    });
});

test('two passkeys: each has its name, either serves, and one device is not registered twice', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const first = await first_sign_in_by_passkey(page, account, { name: '診察室' });
        await begin_adding(page);
        await page.waitForURL('**/security/methods/new');
        await inspect(page, 'passkey-add');
        await press(page, page.locator('form:has([name="kind"]) button'));
        assert_place(page, '/sign-in/passkey/new');
        assert.equal(await page.locator('[name="name"]').inputValue(), 'パスキー2');
        await page.locator('main .button--primary').click();
        assert.equal(await problem_shown(page), 'registered');
        await inspect(page, 'passkey-registered-already');
        const [kept] = await first.credentials();
        await first.unplug();
        const second = await add_authenticator(page);
        await make_passkey(page, { name: '受付' });
        assert_place(page, '/security');
        await inspect(page, 'passkey-security-page');
        assert.match(await page.locator('main').innerText(), /パスキー（診察室）[\s\S]*パスキー（受付）/);
        assert.equal((await second.credentials()).length, 1);
        await sign_out(page);

        await begin_alone(page);
        await page.waitForURL((url) => url.pathname === '/');
        const elsewhere = await open();
        await (await add_authenticator(elsewhere)).add(kept);
        await enter_password(elsewhere, { login_id: account.login_id, password: kPassword });
        await elsewhere.waitForURL((url) => url.pathname === '/');
        assert_no_complaints(elsewhere);
    });
});

test('a removed passkey is refused with the way on', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await first_sign_in_by_passkey(page, account);
        await sign_out(page);
        await admin('health_center', 'account', 'reset-second-step', account.login_id, '--reason', '端末の紛失');
        await begin_alone(page);
        await page.waitForLoadState('networkidle');
        await page.locator('main [role="alert"] h2').filter({ hasText: 'このパスキーは登録されていません' }).waitFor();
        await inspect(page, 'passkey-removed');
        assert.match(await page.title(), /^エラー：/);
        await press(page, page.locator('main .links a[href="/sign-in"]'));
        await enter_password(page, { login_id: account.login_id, password: kPassword });
        assert_place(page, '/sign-in/second-step');
    });
});

test('a copied passkey: found by its count, stopped, and the page leads to another way', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const device = await first_sign_in_by_passkey(page, account);
        const [copied] = await device.credentials();
        await sign_out(page);
        await begin_alone(page);
        await page.waitForURL((url) => url.pathname === '/');
        await sign_out(page);

        const thief = await open();
        const copy = await add_authenticator(thief);
        await copy.add({ ...copied, signCount: 0 });
        await begin_alone(thief);
        await thief.locator('main [role="alert"] h2').filter({ hasText: 'このパスキーを止めました' }).waitFor();
        await inspect(thief, 'passkey-copied');

        await begin_alone(page);
        await page.locator('main [role="alert"] h2').filter({ hasText: 'このパスキーは止まっています' }).waitFor();
        await look(page, 'passkey-stopped');
        const shown = await admin('health_center', 'account', 'show', account.login_id);
        assert.match(JSON.stringify(shown), /"passkey"/);
    });
});

test('another way beside the passkey, and back', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        const first = await first_sign_in_by_sms(page, inbox, account);
        const device = await add_authenticator(page);
        await begin_adding(page);
        assert_place(page, '/sign-in/code');
        const second = await newest_code(inbox, account.phone, { known: [first.id] });
        await enter_code(page, second.code);
        assert_place(page, '/security/methods/new');
        await press(page, page.locator('form:has([name="kind"]) button'));
        await make_passkey(page, { name: '診察室' });
        assert_place(page, '/security');
        await until('a notice to the phone', 15_000, async () =>
            (await inbox_messages(inbox, account.phone)).find(({ text }) => /二段階認証（パスキー）が追加されました/.test(text)));
        await sign_out(page);

        advance(31); // a code a moment after the one before is not sent
        await enter_password(page, { login_id: account.login_id, password: kPassword });
        assert_place(page, '/sign-in/code');
        await press(page, page.locator('a[href="/sign-in/methods"]'));
        await inspect(page, 'passkey-among-other-ways');
        await page.locator('label:has-text("パスキー（診察室）") input').check();
        await page.locator('[name="make_default"]').check();
        await device.set_verified(false);
        await press(page);
        assert_place(page, '/sign-in/passkey');
        await press(page, page.locator('a[href="/sign-in/methods"]'));
        await press(page, page.locator('a[href="/sign-in/passkey"]'));
        await device.set_verified(true);
        await use_passkey(page);
        assert_place(page, '/');
        assert.match(await page.locator('main').innerText(), /パスキー（診察室） 既定/);
        assert_no_complaints(page);
    });
});

test('without JavaScript no passkey is offered, and the page says why', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open({ javascript: false });
        await page.goto('/sign-in');
        assert.equal(await page.locator('[name="way"]').locator('..').isVisible(), false);
        assert.match(await page.locator('[data-without-passkey]').innerText(), /JavaScript/);
        await begin_first_sign_in(page, account);
        assert.equal(await page.locator('[name="method"][value="passkey"]').isVisible(), false);
        assert.match(await page.locator('[data-without-passkey]').innerText(), /JavaScript/);
        await look(page, 'passkey-without-script');
        // Chosen with scripts, then opened without: still no dead end.
        const scripted = await open();
        await begin_first_sign_in(scripted, account);
        await choose_passkey(scripted);
        await page.context().addCookies(await scripted.context().cookies());
        await page.goto('/sign-in/passkey/new');
        assert.equal(await page.locator('main .button--primary').isVisible(), false);
        await look(page, 'passkey-new-without-script');
        await press(page, page.locator('main .links a[href="/sign-in/second-step"]'));
        assert_place(page, '/sign-in/second-step');
        await page.locator('[name="method"][value="totp"]').check();
        await press(page);
        assert_place(page, '/sign-in/authenticator');
    });
});

test('in English: every screen of a passkey', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open({ locale: 'en-US' });
        const english = async (at, name) => {
            assert.doesNotMatch(await at.locator('main').innerText(), /[\p{Script=Hiragana}]/u, name);
            await inspect(at, `english-passkey-${name}`);
        };
        await first_sign_in_by_passkey(page, account, { see: english });
        await sign_out(page);
        await begin_alone(page);
        await page.waitForURL((url) => url.pathname === '/');
    });
});
