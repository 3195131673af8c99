// The desk: approvals, the audit log, callers at the helpdesk, unused IDs, applications of clinics, the review of roles; with and without
// scripts, in both languages.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import { answer, assert_place, enter_code, enter_password, first_sign_in_by_application, first_sign_in_by_sms, kPassword, place, press, with_pages } from './journeys.mjs';
import { assert_no_complaints, launch_browser, newest_code, until } from './support.mjs';
import { admin, advance, new_account, next_code, next_hours, sign_in_as, world } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
    await world();
});
after(() => browser?.close());
beforeEach(() => next_hours());

const main_text = (page) => page.locator('main').innerText();
const row_of = (page, text) => page.locator('main tbody tr', { hasText: text }).first();
const short = (login_id) => login_id.split('@')[0];
const kDay = 24 * 3600;

async function as_(open, who, options) {
    const page = await open(options);
    await sign_in_as(page, who);
    return page;
}

let helpdesk;
/** Somebody at a helpdesk, signed in once with an app. */
async function as_helpdesk(open, options) {
    const page = await open(options);
    if (!helpdesk) {
        const { ministry } = await ministry_of();
        const made = await admin('ministry', 'organization', 'create', '--kind', 'helpdesk', '--parent', ministry, '--name', '全国ヘルプデスク');
        const account = await new_account({ role: 'helpdesk_operator', by: 'ministry', organization: String((made.organization ?? made).id) });
        helpdesk = { ...account, app: await first_sign_in_by_application(page, account, { next_code }) };
        return page;
    }
    await enter_password(page, { login_id: helpdesk.login_id, password: kPassword });
    await enter_code(page, next_code(helpdesk.app));
    return page;
}

async function ministry_of() {
    const { organizations: [ministry] } = await admin('ministry', 'organization', 'list', '--kind', 'ministry');
    return { ministry: String(ministry.id) };
}

test('a caller at the helpdesk is told by comparison, and the code goes to the registered phone only', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const owner = await open();
        const inbox = await open();
        await first_sign_in_by_sms(owner, inbox, account);
        const page = await as_helpdesk(open);
        await page.goto('/helpdesk');
        await inspect(page, 'desk-helpdesk-start');
        await page.locator('#find').fill('だれもいない');
        await press(page, page.locator('main .search button'));
        await inspect(page, 'desk-helpdesk-nothing');
        await page.locator('#find').fill(`みどりの森　${short(account.login_id)}`);
        await press(page, page.locator('main .search button'));
        await inspect(page, 'desk-helpdesk-found');
        assert.doesNotMatch(await main_text(page), new RegExp(short(account.login_id)), 'the whole ID is not shown');
        await press(page, page.locator('main tbody button').first());
        assert.match(place(page), /^\/helpdesk\/\d+$/);
        await inspect(page, 'desk-helpdesk-case');

        const compare = async (field, value) => {
            await page.locator(`main #${field}`).fill(value);
            return press(page, page.locator(`form:has(#${field}) button`));
        };
        await inspect_refusal(page, 'desk-helpdesk-empty', await compare('person', ''), 400, /入力してください/);
        await compare('person', 'もり みどりこ');
        assert.match(await main_text(page), /一致しません（あと2回）/);
        await look(page, 'desk-helpdesk-mismatch');
        await compare('person', '森　緑');
        await compare('organization', '2342');
        await page.locator('[name="answered"][value="other"]').check();
        await press(page, page.locator('form:has(#callback) button'));
        assert.match(await main_text(page), /本人が出るまで/);
        await page.locator('[name="answered"][value="self"]').check();
        await compare('callback', '03-0000-1042');
        await inspect(page, 'desk-helpdesk-verified');
        const shown = await main_text(page);
        assert.doesNotMatch(shown, /03-0000-1042|090-0000|1310112342/, 'no whole number is ever shown');
        await press(page, page.locator('button[value="start_reset"]'));
        assert.match(await main_text(page), /登録済みの電話（末尾\d\d）に送りました/);
        await inspect(page, 'desk-helpdesk-sent');
        assert.equal(await page.locator('nav a[href="/accounts/slowed"]').count(), 0, 'whole IDs and a button past the questions are nothing for a helpdesk');
        for (const listing of ['/accounts/slowed', `/accounts/slowed/${account.id}`, '/accounts', `/accounts/${account.id}`]) {
            assert.equal((await page.goto(listing)).status(), 403, listing);
        }
        await page.goto('/audit');
        assert.match(await main_text(page), /あなたが行った操作/);
        await look(page, 'desk-helpdesk-own-log');
        assert_no_complaints(page);
    });
});

test('a stranger at the telephone comes no further than three tries, without scripts and in English too', async () => {
    await new_account();
    await with_pages(browser, async (open) => {
        const page = await as_helpdesk(open, { javascript: false, width: 390 });
        await page.goto('/helpdesk?q=' + encodeURIComponent('みどりの森'));
        await press(page, page.locator('main tbody button').first());
        for (let i = 0; i < 3; i++) {
            await page.locator('#organization').fill('0000');
            await press(page, page.locator('form:has(#organization) button'));
        }
        assert.match(await main_text(page), /確かめられませんでした/);
        assert.equal(await page.locator('button[value="unlock"]').count(), 0);
        await look(page, 'desk-helpdesk-hopeless');
        await press(page, page.locator('.masthead__links a[lang="en"]'));
        await look(page, 'desk-helpdesk-hopeless-english');
        await press(page, page.locator('button[value="unverified"]'));
        assert_place(page, '/helpdesk');
        assert.match(await main_text(page), /Recorded/);
    });
});

test('an approval is another person’s: the requester sees why not, the second one approves', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const { facility, health_center } = await world();
        await admin('health_center', 'role', 'grant', account.login_id, '--organization', facility, '--role', 'facility_admin', '--reason', '院長');
        const first = await as_(open, 'health_center');
        await first.goto('/requests');
        await inspect(first, 'desk-requests');
        await press(first, row_of(first, account.login_id).locator('a').first());
        assert.match(await main_text(first), /自分の申請は承認できません/);
        await inspect(first, 'desk-request-own');
        const second = await as_(open, 'prefecture');
        await second.goto('/requests');
        await press(second, row_of(second, account.login_id).locator('a').first());
        await inspect(second, 'desk-request');
        await inspect_refusal(second, 'desk-request-no-reason', await press(second, second.locator('button[value="approve"]')), 400, /理由/);
        await second.locator('#reason').fill('電話で確認');
        await press(second, second.locator('button[value="approve"]'));
        assert.match(await main_text(second), /承認しました/);
        await second.goto('/requests?state=done');
        await inspect(second, 'desk-requests-done');
        assert.ok(health_center);
        assert_no_complaints(second);
    });
});

test('the audit log is filtered, followed, compared and taken along', async () => {
    const account = await new_account();
    await admin('health_center', 'account', 'suspend', account.login_id, '--reason', '=1+1');
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        await page.goto('/audit');
        await inspect(page, 'desk-audit');
        await page.locator('#account').fill(account.login_id);
        await press(page, page.locator('.filters button'));
        await page.goto(page.url() + '&action=account.suspend');
        await inspect(page, 'desk-audit-filtered');
        await press(page, page.locator('main tbody a').first());
        assert.match(await main_text(page), /初回サインイン前|pending[\s\S]*suspended/);
        await inspect(page, 'desk-audit-event');
        await press(page, page.getByRole('link', { name: '同じ操作の記録を見る' }));
        assert.equal(await page.locator('main tbody tr').count(), 1);
        await page.goto('/audit?since=abc');
        await look(page, 'desk-audit-bad-date');
        assert.match(await main_text(page), /日付|2026/);
        await page.goto(`/audit?account=${encodeURIComponent(account.login_id)}`);
        const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.pagehead a', { hasText: 'CSV' }).click()]);
        const csv = await readFile(await download.path(), 'utf8');
        assert.match(csv, /"'=1\+1"/, 'no live formula');
        assert.match(csv, /^\uFEFF"id"/);
        const ministry = await as_(open, 'ministry');
        await ministry.goto('/audit/verification');
        await press(ministry, ministry.locator('main .button--primary'));
        assert.match(await main_text(ministry), /改ざんは見つかりませんでした/);
        await inspect(ministry, 'desk-audit-verified');
        assert.equal((await page.goto('/audit/verification')).status(), 403);
    });
});

test('a clinic without an ID applies, is asked back, and gets one', async () => {
    await with_pages(browser, async (open) => {
        const page = await open();
        const inbox = await open();
        const phone = '090-0000-8801';
        const fields = {
            institution_code: '１３１０１９８７６２', institution_name: 'わかば通り内科', institution_kana: 'わかばどおりないか', postal_code: '100-0001',
            address: '千代田区千代田2-2', family_name: '若葉', given_name: 'ひかる', family_kana: 'ワカバ', given_kana: 'ヒカル', phone,
        };
        await page.goto('/help/access');
        await press(page, page.locator('main a[href="/apply"]'));
        await inspect(page, 'desk-apply');
        await inspect_refusal(page, 'desk-apply-empty', await press(page), 400, /入力してください/);
        await page.locator('[name="prefecture"]').selectOption('13');
        await answer(page, fields);
        assert.match(await main_text(page), /1310198762[\s\S]*わかば通り内科|わかば通り内科[\s\S]*090-0000-8801/);
        await inspect(page, 'desk-apply-read-back');
        await page.locator('[name="health_center"]').selectOption({ label: '青葉保健所' });
        await press(page);
        assert_place(page, '/apply/code');
        await inspect(page, 'desk-apply-code');
        const { code } = await newest_code(inbox, phone);
        await inspect_refusal(page, 'desk-apply-wrong-code', await enter_code(page, code === '111111' ? '222222' : '111111'), 400, /コード/);
        await enter_code(page, code);
        assert_place(page, '/apply/done');
        await inspect(page, 'desk-apply-done');
        const number = (await page.locator('#number').textContent()).trim();

        const center = await as_(open, 'health_center');
        await center.goto('/applications');
        await inspect(center, 'desk-applications');
        await press(center, row_of(center, 'わかば通り内科').locator('a').first());
        await inspect(center, 'desk-application');
        await center.locator('#question').fill('診療科を教えてください。');
        await press(center, center.locator('form[action$="/ask"] button'));
        assert.match(await main_text(center), /質問を送りました/);

        await page.goto('/apply/status');
        await inspect(page, 'desk-apply-status');
        await inspect_refusal(page, 'desk-apply-status-unknown', await answer(page, { number: 'ACDE-FGHJ', phone_end: '8801' }), 400, /受付番号か電話番号/);
        await answer(page, { number, phone_end: '8801' });
        assert.match(await main_text(page), /診療科を教えてください/);
        await inspect(page, 'desk-apply-asked');
        await page.locator('#reply').fill('内科です。');
        await press(page);

        await center.goto('/applications');
        await press(center, row_of(center, 'わかば通り内科').locator('a').first());
        assert.match(await main_text(center), /内科です/);
        await press(center, center.locator('form[action$="/accept"] button'));
        assert.match(place(center), /^\/issue\/\d+$/);
        await page.goto('/apply/status');
        await answer(page, { number, phone_end: '8801' });
        assert.match(await main_text(page), /承認されました/);
        assert_no_complaints(page);
    });
});

test('an application in English, by voice, without scripts; and one that is declined', async () => {
    await with_pages(browser, async (open) => {
        const page = await open({ javascript: false, locale: 'en-US', width: 390 });
        const inbox = await open();
        const phone = '03-0000-8802';
        await page.goto('/apply');
        await look(page, 'desk-apply-english');
        await page.locator('[name="prefecture"]').selectOption('13');
        await page.locator('[name="by"][value="voice"]').check();
        await answer(page, {
            institution_code: '1310198770', institution_name: '汐見歯科', institution_kana: 'シオミシカ', postal_code: '1000001',
            address: '千代田区千代田3-3', family_name: '汐見', given_name: '渚', phone,
        });
        await look(page, 'desk-apply-read-back-english');
        await page.locator('[name="health_center"]').selectOption({ label: '青葉保健所' });
        await press(page);
        assert_place(page, '/apply/code');
        const { code } = await newest_code(inbox, phone);
        await enter_code(page, code);
        const number = (await page.locator('#number').textContent()).trim();
        const center = await as_(open, 'health_center');
        await center.goto('/applications');
        await press(center, row_of(center, '汐見歯科').locator('a').first());
        await center.locator('#reason').fill('すでにIDがあります。');
        await press(center, center.locator('form[action$="/decline"] button'));
        await center.goto('/applications?state=done');
        await look(center, 'desk-applications-done');
        await page.goto('/apply/status');
        await answer(page, { number, phone_end: '8802' });
        assert.match(await main_text(page), /Declined[\s\S]*すでにIDがあります/);
        await look(page, 'desk-apply-declined-english');
    });
});

// Turns the pages of a list until the row is there; false: it is on none.
async function page_with(page, row) {
    while ((await row.count()) === 0) {
        const next = page.locator('main .paging a[rel="next"]');
        if ((await next.count()) === 0) {
            return false;
        }
        await press(page, next);
    }
    return true;
}

test('roles: given from and until, reviewed, revoked', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        await page.goto('/roles?which=all');
        await inspect(page, 'desk-roles');
        await page.goto('/roles/new');
        await inspect(page, 'desk-role-new');
        await inspect_refusal(page, 'desk-role-new-empty', await press(page), 400, /入力してください/);
        await page.locator('[name="role"]').selectOption('facility_admin');
        await answer(page, { account: account.login_id, from: '2099/01/02', until: '2099/01/01', reason: '交代' });
        assert.match(await main_text(page), /はじまりの日/);
        await answer(page, { account: account.login_id, from: '', until: '2099/12/31', reason: '交代' });
        assert.match(await main_text(page), /承認を待っています/);
        await page.goto('/roles?which=all');
        await page.locator('main tbody input[type="checkbox"]').first().check();
        await press(page, page.locator('form[action="/roles/confirm"] .button--primary'));
        assert.match(await main_text(page), /1件を確かめました/);
        await page.goto('/roles?which=all');
        await page_with(page, row_of(page, short(account.login_id)));
        await press(page, row_of(page, short(account.login_id)).locator('a', { hasText: '取り消す' }));
        await inspect(page, 'desk-role-revoke');
        await page.locator('#reason').fill('退職');
        await press(page, page.locator('main .button--danger'));
        assert.match(await main_text(page), /取り消しました/);
        await page.goto('/roles?which=all');
        assert.equal(await page_with(page, row_of(page, short(account.login_id))), false);
        assert_no_complaints(page);
    });
});

test('unused IDs are listed, kept, suspended and resumed', async () => {
    const kept = await new_account();
    const gone = await new_account();
    advance(31 * kDay);
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        await until('the daily task', 15000, async () => {
            await page.goto('/dormant');
            return (await row_of(page, short(kept.login_id)).count()) === 1;
        });
        await inspect(page, 'desk-dormant');
        await press(page, row_of(page, short(kept.login_id)).locator('a', { hasText: '続けて使う' }));
        await inspect(page, 'desk-dormant-keep');
        await page.locator('#reason').fill('長期休診');
        await press(page, page.locator('main form[method="post"] .button--primary'));
        assert.match(await main_text(page), /続けて使うことにしました/);
        await press(page, row_of(page, short(gone.login_id)).locator('a', { hasText: '停止する' }));
        await inspect(page, 'desk-dormant-suspend');
        await page.locator('#reason').fill('閉院');
        await press(page, page.locator('main .button--danger'));
        await page.goto('/dormant?state=suspended');
        await inspect(page, 'desk-dormant-suspended');
        await press(page, row_of(page, short(gone.login_id)).locator('a', { hasText: '停止を解除する' }));
        await page.locator('#reason').fill('再開');
        await press(page, page.locator('main form[method="post"] .button--primary'));
        assert.match(await main_text(page), /停止を解除しました/);
        assert_no_complaints(page);
    });
});
