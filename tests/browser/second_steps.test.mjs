// Numbers, messages and codes: everything that can go wrong between a chosen second step and an accepted code.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import {
    assert_place, begin_first_sign_in, begin_sign_in, choose_application, choose_phone, enter_code, enter_password,
    first_sign_in_by_application, first_sign_in_by_sms, kPassword, place, press, scan, with_pages,
} from './journeys.mjs';
import { launch_browser, newest_code, respond_in_inbox } from './support.mjs';
import { admin, advance, new_account, next_code, next_hours, now, wrong_code } from './world.mjs';

const kResendWait = 31; // seconds; limits.hpp
const kCodeLife = 601;

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());
beforeEach(() => next_hours());

const other_than = (code) => (code === '123456' ? '654321' : '123456');
const again = (page, by) => press(page, page.locator(`button[name="by"][value="${by}"]`));

test('numbers that cannot serve are refused before anything is sent, by the page and by the server', async () => {
    const account = await new_account();
    const cases = [
        ['fixed-line-by-sms', 'sms', '03-0000-1042', /固定電話ではSMS/],
        ['ip-phone-by-sms', 'sms', '050-0000-1042', /050の番号ではSMS/],
        ['toll-free-0120', 'voice', '0120-000-000', /フリーダイヤル/],
        ['toll-free-0800', 'voice', '0800-000-0000', /フリーダイヤル/],
        ['navi-dial', 'voice', '０５７０ー０００ー０００', /ナビダイヤル/],
        ['premium', 'voice', '0990-000-000', /0990/],
        ['machine', 'voice', '020-0000-0000', /020/],
        ['unreadable', 'sms', '090-123', /読み取れません/],
        ['empty', 'sms', '', /入力してください/],
    ];
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        await begin_first_sign_in(page, account);
        for (const [index, [name, kind, typed, reason]] of cases.entries()) {
            const how = index === 0 ? inspect : look;
            await page.goto('/sign-in/second-step');
            await page.locator(`[name="method"][value="${kind}"]`).check();
            await page.locator('[name="phone"]').fill(typed);
            if (!['unreadable', 'empty'].includes(name)) {
                await page.locator('#phone-echo .field__error:visible').filter({ hasText: reason }).waitFor();
                await how(page, `number-${name}-while-typing`);
            }
            const status = await press(page);
            assert_place(page, '/sign-in/second-step');
            await inspect_refusal(page, `error-number-${name}`, status, 400, reason, how);
            assert.equal(await page.locator('[name="phone"]').inputValue(), typed, 'what was typed stays');
            assert.ok(await page.locator(`[name="method"][value="${kind}"]`).isChecked());
        }
        await inbox.goto('/development/inbox');
        assert.doesNotMatch(await inbox.locator('main').innerText(), /0120|0570|0990|03-0000-1042/, 'nothing was sent');
    });
});

test('SMS codes: wrong, sent again too early, replaced, expired, used up', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        await begin_first_sign_in(page, account);
        await choose_phone(page, 'sms', account.phone);
        const first = await newest_code(inbox, account.phone);
        await inspect_refusal(page, 'error-code-format', await enter_code(page, '12'), 400, /6桁の数字/);
        await inspect_refusal(page, 'error-code-wrong', await enter_code(page, other_than(first.code)), 400, /コードが合いませんでした.*新しいほうのコード/);
        await inspect_refusal(page, 'error-resend-too-early', await again(page, 'sms'), 429, /\d+秒たってから/);
        advance(kResendWait);
        assert.equal(await again(page, 'sms'), 200);
        const second = await newest_code(inbox, account.phone, { known: [first.id] });
        if (second.code !== first.code) {
            assert.equal(await enter_code(page, first.code), 400, 'the code before is worth nothing');
        }
        advance(kCodeLife);
        await inspect_refusal(page, 'error-code-expired', await enter_code(page, second.code), 400, /期限が切れました/);
        await again(page, 'sms');
        const third = await newest_code(inbox, account.phone, { known: [first.id, second.id] });
        await enter_code(page, third.code);
        assert_place(page, '/sign-in/new-password');
    });
});

test('an SMS that the network cannot deliver says so and offers the next way; the fifth message is the last', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        await begin_first_sign_in(page, account);
        await choose_phone(page, 'sms', account.phone);
        await newest_code(inbox, account.phone);
        await respond_in_inbox(inbox, account.phone, 'fail');
        await page.goto('/sign-in/code');
        await page.locator('[data-state="failed"]').waitFor();
        assert.match(await page.locator('main').innerText(), /SMSを送れませんでした/);
        await inspect(page, 'code-sms-failed');
        for (let message = 2; message <= 5; ++message) {
            advance(kResendWait);
            assert.equal(await again(page, 'sms'), 200, `message ${message}`);
        }
        advance(kResendWait);
        await inspect_refusal(page, 'error-too-many-messages', await again(page, 'sms'), 429, /これ以上は送れません/);
        await press(page, page.locator('button[name="method"][value="totp"]'));
        assert_place(page, '/sign-in/authenticator');
        await enter_code(page, next_code(await scan(page)));
        assert_place(page, '/sign-in/new-password');
    });
});

test('a call that is not answered, busy or failed says so and offers the next way', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        await begin_first_sign_in(page, account);
        await choose_phone(page, 'voice', account.phone);
        const outcomes = [['ignore', 'unanswered', /電話に出られませんでした/], ['busy', 'busy', /話し中でした/], ['fail', 'failed', /電話をかけられませんでした/]];
        for (const [response, state, words] of outcomes) {
            await page.locator('[data-state="ringing"]').waitFor();
            await respond_in_inbox(inbox, account.phone, response);
            await page.locator(`[data-state="${state}"]`).waitFor();
            assert.match(await page.locator('main').innerText(), words);
            await inspect(page, `code-call-${state}`);
            advance(kResendWait);
            assert.equal(await again(page, 'voice'), 200);
        }
        // Nobody answers at all: the call ends by itself.
        advance(60);
        await page.locator('[data-state="unanswered"]').waitFor();
        // A mobile can change to SMS.
        assert.equal(await again(page, 'sms'), 200);
        await page.locator('[data-state="delivered"]').waitFor();
        const { code } = await newest_code(inbox, account.phone);
        await enter_code(page, code);
        assert_place(page, '/sign-in/new-password');
        assert.match(await page.locator('main').innerText(), /SMS/);
    });
});

test('without JavaScript a call is followed by a link', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open({ javascript: false });
        const inbox = await open();
        await begin_first_sign_in(page, account);
        await choose_phone(page, 'voice', account.fixed_line, { javascript: false });
        await respond_in_inbox(inbox, account.fixed_line, 'ignore');
        await press(page, page.locator('main a[href="/sign-in/code"]'));
        await page.locator('[data-state="unanswered"]').waitFor();
        await page.locator('[data-when="unanswered"]:visible').waitFor();
        assert.match(await page.locator('main').innerText(), /電話に出られませんでした/);
    });
});

test('ten wrong codes end the sign-in, with a countdown before and a time after', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await begin_first_sign_in(page, account);
        await choose_application(page);
        const app = await scan(page);
        await inspect_refusal(page, 'error-application-code-wrong', await enter_code(page, wrong_code(app)), 400, /コードが合いませんでした/);
        for (let count = 2; count <= 9; ++count) {
            assert.equal(await enter_code(page, wrong_code(app)), 400, `wrong code ${count}`);
        }
        assert.match(await page.locator('main').innerText(), /あと1回/);
        // The tenth was the last: nothing says "enter it again", and the right one comes too late.
        await inspect_refusal(page, 'error-too-many-codes', await enter_code(page, wrong_code(app)), 429, /\d\d:\d\dを過ぎると/);
        await page.goto('/sign-in/authenticator');
        assert.equal(await enter_code(page, app.code(now())), 429);
    });
});

test('wrong codes at the second sign-in count down', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        const second = await open();
        await begin_sign_in(second, account);
        for (let count = 1; count <= 6; ++count) {
            assert.equal(await enter_code(second, wrong_code(app)), 400);
        }
        assert.match(await second.locator('main').innerText(), /あと4回/);
        await inspect(second, 'error-code-countdown');
    });
});

test('a code of an application works once', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        const code = next_code(app);
        const [first, second] = [await open(), await open()];
        await begin_sign_in(first, account);
        await begin_sign_in(second, account);
        await enter_code(first, code);
        assert_place(first, '/');
        await inspect_refusal(second, 'error-code-used', await enter_code(second, code), 400, /もう使えません/);
        await enter_code(second, next_code(app));
        assert_place(second, '/');
    });
});

test('other ways: a mobile number can be called instead of texted, once or from now on', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        const known = [(await first_sign_in_by_sms(page, inbox, account)).id];
        next_hours();
        const second = await open();
        await begin_sign_in(second, account);
        known.push((await newest_code(inbox, account.phone, { known })).id);
        await press(second, second.locator('a[href="/sign-in/methods"]'));
        const ways = second.locator('main .choice:has([name="method_id"])');
        assert.equal(await ways.count(), 2);
        assert.match(await ways.filter({ has: second.locator(':checked') }).innerText(), /SMS[^]*既定/);
        await inspect(second, 'methods');
        await ways.filter({ hasText: '電話' }).locator('[name="method_id"]').check();
        await second.locator('[name="make_default"]').check();
        assert.equal(await press(second), 200);
        assert_place(second, '/sign-in/code');
        await second.locator('[data-state="ringing"]').waitFor();
        await respond_in_inbox(inbox, account.phone, 'answer');
        const called = await newest_code(inbox, account.phone, { known });
        await enter_code(second, called.code);
        assert_place(second, '/');
        assert.match(await second.locator('main').innerText(), /電話（[^）]*）\s*既定/);
        next_hours();
        const third = await open();
        await begin_sign_in(third, account);
        await third.locator('[data-state="ringing"]').waitFor(); // the default now
    });
});

test('one way only: the list of other ways shows it as the default', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        const second = await open();
        await begin_sign_in(second, account);
        await second.goto('/sign-in/methods');
        assert.equal(await second.locator('[name="method_id"]').count(), 1);
        assert.match(await second.locator('main').innerText(), /既定/);
        await inspect(second, 'methods-one');
        assert.equal(await press(second), 200);
        assert_place(second, '/sign-in/code');
        await enter_code(second, next_code(app));
        assert_place(second, '/');
    });
});

test('a second step that was reset is registered anew; the password stays', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await first_sign_in_by_application(page, account, { next_code });
        await admin('health_center', 'account', 'reset-second-step', account.login_id, '--reason', '機種変更');
        await page.goto('/');
        assert_place(page, '/sign-in');
        await enter_password(page, { login_id: account.login_id, password: kPassword });
        assert_place(page, '/sign-in/second-step');
        await inspect(page, 'second-step-after-reset');
        await choose_application(page);
        await enter_code(page, next_code(await scan(page)));
        assert_place(page, '/sign-in/done');
        assert.match(await page.locator('main').innerText(), /二段階認証を設定しました/);
        await inspect(page, 'second-step-done');
        await press(page);
        assert_place(page, '/');
    });
});

test('a password reset soon after a second-step reset waits for a second person', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await first_sign_in_by_application(page, account, { next_code });
        await admin('health_center', 'account', 'reset-second-step', account.login_id, '--reason', '機種変更');
        const asked = await admin('health_center', 'account', 'reset-password', account.login_id, '--reason', '忘れた');
        assert.equal(asked.initial_password, undefined, 'no password before a second person agreed');
        await enter_password(page, { login_id: account.login_id, password: kPassword });
        assert_place(page, '/sign-in/second-step');
        assert.equal(await skip_ahead(page), '/sign-in/second-step');
    });
});

// A step that is not yet due cannot be reached by its address.
async function skip_ahead(page) {
    await page.goto('/sign-in/new-password');
    return place(page);
}
