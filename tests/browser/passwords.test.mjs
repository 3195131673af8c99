// IDs and passwords: what is refused, how it is told, and that nothing tells whether an ID exists.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import {
    answer, assert_place, begin_first_sign_in, begin_sign_in, choose_application, enter_code, enter_id, enter_password,
    first_sign_in_by_application, kPassword, place, press, replace_password, scan, told, with_pages,
} from './journeys.mjs';
import { launch_browser } from './support.mjs';
import { admin, advance, new_account, next_code, next_hours } from './world.mjs';

const kWrong = 'kore wa machigatta pasuwaado';
const kDay = 24 * 3600;

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());
beforeEach(() => next_hours());

test('an ID that is none is refused at its field', async () => {
    await with_pages(browser, async (open) => {
        const page = await open();
        await inspect_refusal(page, 'error-id-empty', await enter_id(page, ''), 400, /入力してください/);
        await inspect_refusal(page, 'error-id-format', await enter_id(page, 'midori'), 400, /名前@ドメイン/);
        assert.equal(await page.locator('#login_id').inputValue(), 'midori', 'what was typed stays');
        assert.ok(await page.evaluate(() => document.activeElement.id === 'login_id'), 'the field that needs a hand has the focus');
    });
});

test('unknown ID and wrong password look the same', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const shown = async (login_id, name) => {
            const status = await enter_password(page, { login_id, password: kWrong });
            await inspect_refusal(page, name, status, 401, /IDかパスワードが違います/, login_id === account.login_id ? inspect : look);
            assert.equal(await page.locator('#password').inputValue(), '', 'a password is never sent back');
            const html = await page.locator('main').innerHTML();
            return html.replaceAll(login_id, 'ID').replace(/(name="(?:csrf|step)" value=")[^"]*/g, '$1');
        };
        const known = await shown(account.login_id, 'error-wrong-password');
        const unknown = await shown('nobody-here@madoguchi.example', 'error-unknown-id');
        assert.equal(unknown, known);
        assert.equal(await answer(page, { password: '' }), 400);
        await inspect(page, 'error-password-empty');
    });
});

test('after ten wrong passwords in a row everybody waits, known or not, and the page says until when', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        for (const login_id of ['also-nobody@madoguchi.example', account.login_id]) {
            for (let count = 0; count < 10; ++count) {
                assert.equal(await enter_password(page, { login_id, password: kWrong }), 401, `wrong password ${count + 1}`);
            }
            const status = await enter_password(page, { login_id, password: account.initial_password });
            await inspect_refusal(page, 'error-too-many-passwords', status, 429, /\d\d:\d\dを過ぎると/, login_id === account.login_id ? inspect : look);
        }
        advance(70);
        assert.equal(await enter_password(page, { login_id: account.login_id, password: account.initial_password }), 200);
        assert_place(page, '/sign-in/second-step');
    });
});

test('a new password that breaks a rule is told which, and all three fields start empty', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await begin_first_sign_in(page, account);
        await choose_application(page);
        const app = await scan(page);
        await enter_code(page, next_code(app));
        assert_place(page, '/sign-in/new-password');
        const current = account.initial_password;
        const local_part = account.login_id.split('@')[0];
        const cases = [
            ['too-short', /12文字以上/, [current, 'mijikai']],
            ['common', /よく使われる/, [current, 'password1234']],
            ['contains-id', /ログインIDが含まれ/, [current, `kyou wa ${local_part} desu`]],
            ['contains-organization', /機関の名前が含まれ/, [current, 'みどりの森クリニックの机の上']],
            ['same-as-initial', /初期パスワードと同じ/, [current, current]],
            ['mismatch', /一致していません/, [current, kPassword, `${kPassword}!`]],
            ['too-long', /256文字以内/, [current, 'tsukue no ue '.repeat(20)]], // 260: refused, never cut (S1)
            ['wrong-current', /現在のパスワードが違います/, ['AAAA-BBBB-CCCC-DDDD-EEEE', kPassword]],
            ['empty', /入力してください/, ['', '', '']],
        ];
        for (const [name, reason, words] of cases) {
            const status = await replace_password(page, ...words);
            await inspect_refusal(page, `error-new-password-${name}`, status, 400, reason, name === 'empty' ? inspect : look);
            for (const field of ['current_password', 'new_password', 'new_password_again']) {
                assert.equal(await page.locator(`[name="${field}"]`).inputValue(), '');
            }
        }
        await replace_password(page, current);
        assert_place(page, '/');
    });
});

test('an initial password is used up by its first success', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const rival = await open();
        // Two people hold the same letter and both get as far as the new password.
        await begin_first_sign_in(rival, account);
        await choose_application(rival);
        await enter_code(rival, next_code(await scan(rival)));
        assert_place(rival, '/sign-in/new-password');
        await first_sign_in_by_application(page, account, { next_code });
        const status = await replace_password(rival, account.initial_password);
        await inspect_refusal(rival, 'error-somebody-was-first', status, 401, /手続きが途中で切れました/);
        const again = await enter_password(rival, { login_id: account.login_id, password: account.initial_password });
        assert.equal(again, 401, 'a used initial password is a wrong password');
    });
});

test('an expired initial password says so, once it was right', async () => {
    const account = await new_account();
    advance(31 * kDay);
    await with_pages(browser, async (open) => {
        const page = await open();
        assert.equal(await enter_password(page, { login_id: account.login_id, password: kWrong }), 401);
        const status = await enter_password(page, { login_id: account.login_id, password: account.initial_password });
        await inspect_refusal(page, 'error-initial-password-expired', status, 403, /初期パスワードの期限が切れて/);
    });
});

test('a suspended account: its session ends at once, its password tells why, resuming gives all back', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        await admin('health_center', 'account', 'suspend', account.login_id, '--reason', '端末の紛失');
        await page.goto('/');
        assert_place(page, '/sign-in');
        assert.equal(await enter_password(page, { login_id: account.login_id, password: kWrong }), 401);
        const status = await enter_password(page, { login_id: account.login_id, password: kPassword });
        await inspect_refusal(page, 'error-account-suspended', status, 403, /このアカウントは、いま使えません/);
        await admin('health_center', 'account', 'resume', account.login_id, '--reason', '端末が見つかった');
        await begin_sign_in(page, account);
        await enter_code(page, next_code(app));
        assert_place(page, '/');
    });
});

test('a request to reset a forgotten password reaches the administrator, and its approval ends old sessions', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const app = await first_sign_in_by_application(page, account, { next_code });
        const asking = await open();
        await enter_id(asking, account.login_id);
        await press(asking, asking.locator('a[href^="/help/access"]').first());
        assert_place(asking, '/help/access');
        await inspect(asking, 'access-help');
        const empty = await press(asking, asking.locator('form[action="/help/access"] .button--primary'));
        await inspect_refusal(asking, 'error-access-help-empty', empty, 400, /入力してください/);
        const ask = async (login_id) => {
            await asking.goto('/help/access');
            return answer(asking, { login_id, organization_name: 'みどりの森クリニック', contact_name: '森 緑', phone: '03-0000-1042', note: '午後は診察中です' });
        };
        assert.equal(await ask('nobody-at-all@madoguchi.example'), 200);
        const receipt = await asking.locator('main').innerText();
        assert.equal(await ask(account.login_id), 200);
        assert.equal(await asking.locator('main').innerText(), receipt, 'the receipt does not tell whether the ID exists');
        await inspect(asking, 'access-help-receipt');

        const { requests } = await admin('health_center', 'request', 'list');
        const found = requests.find((request) => request.account?.login_id === account.login_id);
        assert.equal(found?.kind, 'password_reset');
        const approved = await admin('health_center', 'request', 'approve', String(found.id), '--reason', '折り返しの電話で確認');
        assert.ok(approved.initial_password);
        await page.goto('/');
        assert_place(page, '/sign-in');
        assert.equal(await enter_password(page, { login_id: account.login_id, password: kPassword }), 401, 'the old password is dead');
        await enter_password(page, { login_id: account.login_id, password: approved.initial_password });
        assert_place(page, '/sign-in/code');
        await enter_code(page, next_code(app));
        assert_place(page, '/sign-in/new-password');
        await inspect(page, 'new-password-after-reset');
        await replace_password(page, approved.initial_password, 'mado no soto ni wa neko ga iru');
        assert_place(page, '/');
        assert.equal((await told(page)).notice, '');
        assert.equal(place(page), '/');
    });
});
