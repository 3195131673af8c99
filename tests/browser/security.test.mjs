// One's own account: second steps, "confirm it's you", sessions, activity, recovery codes.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import {
    answer, assert_place, begin_sign_in, choose_application, choose_phone, enter_code, first_sign_in_by_application,
    first_sign_in_by_sms, kPassword, press, scan, with_pages,
} from './journeys.mjs';
import { assert_no_complaints, launch_browser, newest_code } from './support.mjs';
import { advance, new_account, next_code, next_hours } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());
beforeEach(() => next_hours());

const open_link = (page, path) => press(page, page.locator(`main a[href="${path}"]`).first());
const main_text = (page) => page.locator('main').innerText();

/** Where scripts run, a dialog asks first; its button does it. */
async function agree(page, opener, name) {
    await opener.click();
    const dialog = page.locator('dialog[open]');
    await dialog.waitFor();
    if (name) await inspect(page, name);
    return press(page, dialog.locator('button[type="submit"]'));
}

/** Password, then the code of the phone: back where it was asked for. */
async function confirm_by_sms(page, inbox, phone, { see = async () => {}, known = [] } = {}) {
    assert_place(page, '/security/confirm');
    await see(page, 'confirm-identity');
    await answer(page, { password: kPassword });
    assert_place(page, '/sign-in/code');
    const { id, code } = await newest_code(inbox, phone, { known });
    await see(page, 'confirm-code');
    await enter_code(page, code);
    return id;
}

test('a second step is added, named, made the default and removed, each time confirmed and told', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        const first = await first_sign_in_by_sms(page, inbox, account);
        await open_link(page, '/security');
        assert_place(page, '/security');
        await inspect(page, 'security');
        await open_link(page, '/security/methods/new');
        await inspect_refusal(page, 'error-confirm-wrong-password', await answer(page, { password: 'not the password' }), 400, /現在のパスワードが違います/);
        await confirm_by_sms(page, inbox, account.phone, { see: inspect, known: [first.id] });
        assert_place(page, '/security/methods/new');
        await inspect(page, 'security-new-method');
        await press(page);
        assert_place(page, '/sign-in/second-step');
        await inspect(page, 'security-add-method');
        await choose_application(page);
        const app = await scan(page);
        await enter_code(page, next_code(app));
        assert_place(page, '/security');
        assert.match(await main_text(page), /二段階認証の方法を追加しました/);
        await inspect(page, 'security-two-methods');
        await inbox.goto('/development/inbox');
        assert.match(await main_text(inbox), /二段階認証（認証アプリ）が追加されました/, 'the old phone is told');

        await press(page, page.locator('main tbody tr', { hasText: '認証アプリ' }).locator('a'));
        await inspect(page, 'security-method');
        await inspect_refusal(page, 'error-label-too-long', await (async () => {
            await page.locator('#label').fill('名'.repeat(41));
            return press(page);
        })(), 400, /40文字/);
        await page.locator('#label').fill('自分のスマートフォン');
        await press(page);
        assert.match(await main_text(page), /名前を変えました[\s\S]*自分のスマートフォン/);
        await press(page, page.locator('main tbody tr', { hasText: '認証アプリ' }).locator('a'));
        await press(page, page.locator('form[action$="/default"] button'));
        assert.match(await page.locator('main tbody tr').first().innerText(), /認証アプリ[\s\S]*既定/);
        await press(page, page.locator('main tbody tr', { hasText: 'SMS' }).locator('a'));
        await agree(page, page.locator('[data-opens="remove-dialog"]'), 'security-remove-dialog');
        assert.match(await main_text(page), /削除しました/);
        await press(page, page.locator('main tbody tr', { hasText: '認証アプリ' }).locator('a'));
        await inspect_refusal(page, 'error-last-second-step', await agree(page, page.locator('[data-opens="remove-dialog"]')), 409, /最後の1つは削除できません/);

        // Ten minutes later it is asked again.
        advance(601);
        await page.goto('/security/methods/new');
        assert_place(page, '/security/confirm');
        await page.goto('/security/activity');
        await inspect(page, 'security-activity');
        assert.match(await main_text(page), /二段階認証の削除[\s\S]*本人の確認[\s\S]*サインイン/);
        assert_no_complaints(page);
    });
});

test('without JavaScript and in English a phone is added', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open({ javascript: false, locale: 'en-US', width: 390 });
        const inbox = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        await page.goto('/security/methods/new');
        await answer(page, { password: kPassword });
        await look(page, 'en-confirm-code-app'); // axe is a script itself
        await enter_code(page, next_code(app));
        assert_place(page, '/security/methods/new');
        await press(page);
        await choose_phone(page, 'voice', account.fixed_line, { javascript: false });
        const { code } = await newest_code(inbox, account.fixed_line);
        await enter_code(page, code);
        assert_place(page, '/security');
        assert.match(await main_text(page), /A second step was added/);
        await look(page, 'en-security');
        await press(page, page.locator('main tbody tr', { hasText: 'app' }).first().locator('a'));
        await open_link(page, new URL(page.url()).pathname + '/remove');
        assert.match(await main_text(page), /Remove this method[\s\S]*register it again/);
        await look(page, 'en-security-remove');
        await press(page, page.locator('main form button'));
        assert.match(await main_text(page), /The second step was removed/);
        await page.goto('/security/sessions/end-others');
        await look(page, 'en-security-end-others');
        await press(page, page.locator('main form button'));
        assert.match(await main_text(page), /All other sessions were ended/);
        await page.goto('/help/guide');
        assert.equal(await page.locator('main a[href="/sign-in"]').count(), 0, 'nobody who is signed in is led back to sign-in');
        await inbox.goto('/development/inbox');
        assert.match(await main_text(inbox), /a second step \(Authenticator app\) of .* was removed/i, 'told in the language that was chosen');
    });
});

test('sessions are listed and ended, one and all others', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        const elsewhere = [await open(), await open()];
        for (const other of elsewhere) {
            await begin_sign_in(other, account);
            await enter_code(other, next_code(app));
            assert_place(other, '/');
        }
        await page.goto('/security');
        const rows = page.locator('section[aria-labelledby="sessions"] tbody tr');
        assert.equal(await rows.count(), 3);
        assert.match(await rows.last().innerText(), /Chrome[\s\S]*この画面/);
        await inspect(page, 'security-sessions');
        await agree(page, rows.first().locator('[data-opens]'), 'security-end-dialog');
        assert.match(await main_text(page), /サインインを終了しました/);
        assert.equal(await rows.count(), 2);
        await page.locator('[data-opens="end-others"]').click();
        await page.locator('dialog[open] [data-closes]').click();
        assert.equal(await page.locator('dialog[open]').count(), 0, 'nothing happens to who changes their mind');

        await open_link(page, '/security/password');
        await inspect(page, 'change-password');
        const change = (current_password, new_password, new_password_again = new_password) => answer(page, { current_password, new_password, new_password_again });
        await inspect_refusal(page, 'error-change-password', await change('not the password', 'short', 'other'), 400, /現在のパスワードが違います/);
        assert.equal(await change(kPassword, kPassword), 400, 'the same again');
        assert.equal(await change(kPassword, 'くじら 7 頭と yuki 3 尺'), 200);
        assert_place(page, '/security');
        assert.match(await main_text(page), /パスワードを変えました/);
        await look(page, 'security-password-changed');
        assert.equal(await rows.count(), 1);
        for (const other of elsewhere) {
            await other.goto('/');
            assert_place(other, '/sign-in');
        }
    });
});

test('recovery codes: ten, shown once, each good once in the place of a second step', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        await page.goto('/security');
        assert.match(await main_text(page), /まだ発行していません/);
        await open_link(page, '/security/recovery-codes');
        await answer(page, { password: kPassword });
        await enter_code(page, next_code(app));
        assert_place(page, '/security/recovery-codes');
        await inspect(page, 'recovery-codes-before');
        await press(page);
        const codes = await page.locator('.codes .code').allTextContents();
        assert.equal(new Set(codes).size, 10);
        await inspect(page, 'recovery-codes');
        await page.evaluate(() => {
            window.prints = 0;
            window.print = () => { window.prints += 1; };
        });
        await page.locator('[data-prints]').click();
        assert.equal(await page.evaluate(() => window.prints), 1, 'one press, one sheet');
        await page.emulateMedia({ media: 'print' });
        assert.equal(await page.locator('.devbar').isVisible(), false);
        assert.equal(await page.locator('.masthead').isVisible(), false, 'the printed page is the codes');
        assert.ok(await page.locator('.codes').isVisible());
        await page.emulateMedia({ media: null });
        await page.reload();
        assert_place(page, '/security/recovery-codes');
        assert.match(await main_text(page), /もう表示しました/, 'loaded again, it makes no others');
        await inspect(page, 'recovery-codes-shown-already');
        await page.goto('/security?done=codes_made');
        assert.match(await main_text(page), /残り10個/);

        const other = await open();
        const use = async (code) => {
            await begin_sign_in(other, account);
            await press(other, other.locator('main a[href="/sign-in/methods"]'));
            await press(other, other.locator('main a[href="/sign-in/recovery"]'));
            return answer(other, { code });
        };
        await begin_sign_in(other, account);
        await other.goto('/sign-in/recovery');
        await inspect(other, 'recovery');
        await inspect_refusal(other, 'error-recovery-format', await answer(other, { code: '123456' }), 400, /16文字の回復コード/);
        await inspect_refusal(other, 'error-recovery-wrong', await answer(other, { code: 'ACDE-FGHJ-KLMN-PQRT' }), 400, /コードが合いませんでした/);
        for (const code of codes.slice(0, 7)) {
            await use(code.toLowerCase());
            assert_place(other, '/');
            await other.goto('/sign-out');
            await press(other);
        }
        await inspect_refusal(other, 'error-recovery-used', await use(codes[0]), 400, /使えなくなっています|使われ/);
        await page.goto('/security');
        assert.match(await main_text(page), /回復コードが少なくなりました[\s\S]*残り3個/);
        await inspect(page, 'security-few-codes');
    });
});
