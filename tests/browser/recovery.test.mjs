// The ways back in: a forgotten password, a lost phone, and administrators who help.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import {
    answer, assert_place, begin_sign_in, choose_application, enter_code, enter_id, enter_password, first_sign_in_by_application,
    first_sign_in_by_sms, kPassword, press, replace_password, scan, with_pages,
} from './journeys.mjs';
import { inbox_messages, launch_browser, newest_code, until } from './support.mjs';
import { admin, advance, new_account, next_code, next_hours, sign_in_as, wrong_code } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());
beforeEach(() => next_hours());

const main_text = (page) => page.locator('main').innerText();
const kLongCode = /(?:[A-Z0-9]{4}-){4}[A-Z0-9]{4}/;

async function claim(page, login_id, way) {
    await page.goto('/sign-in/forgotten');
    await page.locator(`[name="way"][value="${way}"]`).check();
    return answer(page, { login_id });
}

test('a forgotten password: the phone proves, a reset code arrives, a new password is set', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const signed_in = await open();
        const inbox = await open();
        const first = await first_sign_in_by_sms(signed_in, inbox, account);
        const page = await open();
        await enter_id(page, account.login_id);
        await press(page, page.locator('main a[href="/sign-in/forgotten"]'));
        await inspect(page, 'forgotten');
        await claim(page, account.login_id, 'sms');
        assert_place(page, '/sign-in/forgotten/code');
        await inspect(page, 'forgotten-code');
        const proof = await newest_code(inbox, account.phone, { known: [first.id] });
        await inspect_refusal(page, 'error-forgotten-wrong', await enter_code(page, proof.code === '111111' ? '222222' : '111111'), 400, /コードが合いませんでした/);
        await enter_code(page, proof.code);
        assert.match(await main_text(page), /再設定コードを送りました[\s\S]*\*\*\*\*/);
        await inspect(page, 'forgotten-sent');
        const reset = await until('the reset code', 15000, async () =>
            (await inbox_messages(inbox, account.phone)).map(({ text }) => text.match(kLongCode)?.[0]).find(Boolean));
        await signed_in.goto('/');
        assert_place(signed_in, '/sign-in');

        const known = (await inbox_messages(inbox, account.phone)).map(({ id }) => id);
        await press(page);
        await answer(page, { login_id: account.login_id });
        await answer(page, { password: reset });
        assert_place(page, '/sign-in/code');
        const second = await newest_code(inbox, account.phone, { known });
        await enter_code(page, second.code);
        assert_place(page, '/sign-in/new-password');
        await replace_password(page, reset, 'shiroi kumo ga nanatsu');
        assert_place(page, '/');
        await page.goto('/security');
        assert.equal(await page.locator('section[aria-labelledby="methods"] tbody tr').count(), 1, 'the second step stays');
    });
});

test('a forgotten password: known and unknown IDs look the same until the proof', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const owner = await open();
        const app = await first_sign_in_by_application(owner, account, { next_code });
        const seen = [];
        for (const login_id of [account.login_id, 'nobody-0001@madoguchi.example']) {
            const page = await open();
            for (const way of ['sms', 'voice', 'totp', 'recovery']) {
                await claim(page, login_id, way);
                const before = (await main_text(page)).replace(login_id, 'ID');
                const status = await answer(page, { code: way === 'recovery' ? 'ACDE-FGHJ-KLMN-PQRT' : wrong_code(app) });
                seen.push([login_id, `${way} ${before} ${status} ${(await main_text(page)).replace(login_id, 'ID')}`.replace(/\d?\d:\d\d/g, 'TIME')]);
            }
        }
        const said = (id) => seen.filter(([login_id]) => login_id === id).map(([, text]) => text);
        assert.deepEqual(said(account.login_id), said('nobody-0001@madoguchi.example'));
        // Nothing but an app is registered: it proves, but no phone can receive a code.
        const page = await open();
        await claim(page, account.login_id, 'totp');
        await inspect(page, 'forgotten-code-app');
        await enter_code(page, next_code(app));
        assert.match(await main_text(page), /管理者だけが再設定できます/);
        await inspect(page, 'forgotten-only-ask');
        await owner.goto('/');
        assert_place(owner, '/');
    });
});

test('a forgotten password: five wrong codes end that recovery, and the page sends to a new one', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const app = await first_sign_in_by_application(await open(), account, { next_code });
        const page = await open();
        await claim(page, account.login_id, 'totp');
        for (let count = 0; count < 5; ++count) {
            assert.equal(await enter_code(page, wrong_code(app)), 400);
        }
        advance(70);
        await inspect_refusal(page, 'error-forgotten-over', await enter_code(page, next_code(app)), 429, /続けられません[\s\S]*はじめから/);
        advance(70);
        await press(page, page.locator('main a[href="/sign-in/forgotten"]').last());
        await claim(page, account.login_id, 'totp');
        await enter_code(page, next_code(app));
        assert.match(await main_text(page), /管理者だけが再設定できます/);
    });
});

test('a forgotten password in English without JavaScript: what is missing is told', async () => {
    await with_pages(browser, async (open) => {
        const page = await open({ javascript: false, locale: 'en-US', width: 390 });
        await page.goto('/help/access');
        await look(page, 'en-access-help'); // axe is a script itself
        await press(page, page.locator('main a[href="/sign-in/forgotten"]'));
        assert.equal(await press(page), 400);
        assert.match(await main_text(page), /Please fill this in/);
        await look(page, 'en-forgotten-empty');
        await claim(page, 'nobody-0002@madoguchi.example', 'recovery');
        await look(page, 'en-forgotten-recovery');
    });
});

test('a lost phone: a temporary code lets its owner in once and a second step is registered anew', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const lost = await open();
        const inbox = await open();
        await first_sign_in_by_sms(lost, inbox, account);
        const issued = await admin('health_center', 'account', 'access-code', account.login_id, '--reason', '電話機の紛失');
        assert.match(issued.access_code, kLongCode);
        await lost.goto('/');
        assert_place(lost, '/sign-in');
        await until('the announcement', 15000, async () =>
            (await inbox_messages(inbox, account.phone)).some(({ text }) => /臨時コードが発行されました/.test(text)));
        const page = await open();
        advance(31);
        await begin_sign_in(page, account);
        await page.goto('/sign-in/recovery');
        await answer(page, { code: issued.access_code });
        assert_place(page, '/sign-in/second-step');
        await inspect(page, 'second-step-after-temporary-code');
        await choose_application(page);
        await enter_code(page, next_code(await scan(page)));
        assert_place(page, '/sign-in/done');
        await page.goto('/security');
        assert.match(await main_text(page), /認証アプリ/);
        assert.doesNotMatch(await page.locator('section[aria-labelledby="methods"]').innerText(), /SMS/, 'the lost phone is gone');
    });
});

test('an administrator sees who has to wait, and unlocks', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const owner = await open();
        await first_sign_in_by_application(owner, account, { next_code });
        const page = await open();
        const stranger = await open();
        // From here the account was used: it has ten tries of its own.
        for (let i = 0; i < 10; ++i) {
            await enter_password(stranger, { login_id: account.login_id, password: `wrong ${i}` });
        }
        assert.equal(await (async () => { await enter_id(stranger, account.login_id); return answer(stranger, { password: kPassword }); })(), 429);
        await sign_in_as(page, 'health_center');
        await press(page, page.locator('main a[href="/accounts/slowed"]'));
        assert.match(await main_text(page), new RegExp(`${account.login_id}[\\s\\S]*パスワードの間違いが続いたため`));
        await inspect(page, 'slowed');
        const listed = await admin('health_center', 'account', 'slowed');
        assert.ok(listed.accounts.some(({ login_id, reasons }) => login_id === account.login_id && reasons[0].why === 'password'));
        await press(page, page.locator('main tbody tr', { hasText: account.login_id }).locator('a'));
        await inspect_refusal(page, 'error-unlock-without-reason', await press(page), 400, /入力してください/);
        await page.locator('#reason').fill('本人から電話。折り返して確認');
        await inspect(page, 'slowed-unlock');
        await press(page);
        assert.match(await main_text(page), /ロックを解除しました/);
        assert.doesNotMatch(await main_text(page), new RegExp(account.login_id));
        await enter_password(stranger, { login_id: account.login_id, password: kPassword });
        assert_place(stranger, '/sign-in/code');
        await owner.goto('/accounts/slowed');
        assert.match(await main_text(owner), /役割では許可されていません|この操作/);
    });
});
