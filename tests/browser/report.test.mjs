// The daily report: across midnight, by two people and in two tabs, with warnings, an adjustment, a lost session, without scripts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import {
    answer, assert_place, enter_code, enter_password, first_sign_in_by_application, first_sign_in_by_sms, kPassword, press, with_pages,
} from './journeys.mjs';
import { assert_no_complaints, inbox_messages, launch_browser } from './support.mjs';
import { advance, advance_to, japanese_day, kDay_s, new_account, next_code, now, sign_in_as, world } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
    await world();
});
after(() => browser?.close());

const main_text = (page) => page.locator('main').innerText();
const band = (page, index) => page.locator(`#band-${index}`);
const receipt_of = async (page) => (await page.locator('.facts dd').first().innerText()).trim();

const people = {};
/** Somebody of the clinic, signed in once with an app, then by password and code. */
async function as_person(open, name, options) {
    const page = await open(options);
    if (!people[name]) {
        const account = await new_account();
        people[name] = { ...account, app: await first_sign_in_by_application(page, account, { next_code }) };
    } else {
        await sign_in(page, people[name]);
    }
    return page;
}
async function sign_in(page, person) {
    await enter_password(page, { login_id: person.login_id, password: kPassword });
    await enter_code(page, next_code(person.app));
}

test('across midnight: one report for the day on which the form was opened, by one of two people, pressed twice', async () => {
    await with_pages(browser, async (open) => {
        advance_to(23, 50);
        const page = await as_person(open, 'first');
        const colleague = await as_person(open, 'second');
        advance_to(23, 58);
        const opened = japanese_day();
        await page.goto('/');
        assert.match(await main_text(page), /本日の報告は、まだありません/);
        await inspect(page, 'report-home-not-yet');
        await press(page);
        assert_place(page, '/report');
        await inspect(page, 'report-entry');

        // By keyboard alone: Enter and Tab move on, digits of either width, the total follows.
        await band(page, 1).focus();
        await page.keyboard.type('２');
        await page.keyboard.press('Enter');
        await page.keyboard.type('1');
        await page.keyboard.press('Tab');
        await page.keyboard.type('１７');
        await page.keyboard.press('Enter');
        assert.equal(await band(page, 1).inputValue(), '2');
        assert.equal(await page.locator('[data-total]').innerText(), '20');
        await page.getByText('に下書きを保存しました').waitFor();
        await band(page, 4).fill('-3');
        await band(page, 5).fill('2.5');
        await band(page, 6).fill('三');
        await inspect_refusal(page, 'report-entry-refused', await press(page), 400, /＋や−を付けず[\s\S]*小数ではなく[\s\S]*数字で入力/);
        assert.equal(await band(page, 5).inputValue(), '2.5', 'what was typed stays');
        for (const index of [4, 5, 6]) await band(page, index).fill('0');

        // A second tab shows the draft; a clock that passes midnight says for which day it counts.
        const tab = await page.context().newPage();
        tab.complaints = [];
        await tab.clock.install({ time: now() });
        await tab.goto('/report');
        assert.match(await main_text(tab), /に森 緑さんが入力した下書きです/);
        assert.equal(await band(tab, 3).inputValue(), '17');
        await tab.clock.fastForward('05:00');
        await tab.getByRole('heading', { name: '日付が変わりました' }).waitFor();

        advance_to(0, 2);
        await page.goto('/sign-out');
        assert.match(await main_text(page), /まだ保健所に届いていません/);
        await inspect(page, 'report-sign-out-alarm');
        await page.goto('/');
        assert.match(await main_text(page), /合計20人が、下書きのまま残っています/);
        await inspect(page, 'report-home-draft');
        await press(page);
        assert_place(page, '/report/confirm');
        assert.match(await main_text(page), /まだ報告は終わっていません/);
        assert.match(await main_text(page), new RegExp(`開いた日の${opened.replaceAll('-', '/')}`));
        await inspect(page, 'report-confirm-after-midnight');

        await colleague.goto(`/report/confirm?date=${opened}`);
        await page.locator('main .button--primary').dblclick();
        await page.waitForURL(/\/report\/receipt/);
        const number = await receipt_of(page);
        assert.match(number, /^\d{8}-\d{6}$/);
        assert.match(await main_text(page), /締切後/);
        await inspect(page, 'report-receipt');

        assert.equal(await press(colleague), 409);
        assert.match(await main_text(colleague), new RegExp(`${number}[\\s\\S]*届いた報告と、入力した内容は同じ`));
        await inspect(colleague, 'report-conflict-same');

        // Back, and pressed again: the same receipt. The second tab, which knows nothing of it: the difference.
        await page.goBack();
        if ((await page.locator('main .button--primary').count()) === 1 && page.url().includes('/report/confirm')) await press(page);
        await page.goto(`/report?date=${opened}`);
        assert.match(await main_text(page), /の報告は完了しています/);
        await look(page, 'report-done-earlier');
        await band(tab, 0).fill('5');
        assert.equal(await press(tab), 409);
        assert.match(await main_text(tab), new RegExp(number));
        await inspect(tab, 'report-conflict-differs');
        await tab.close();

        await page.goto('/report');
        assert.equal(await band(page, 3).inputValue(), '0', 'the new day begins with a form of its own');
        await page.goto('/report/history');
        assert.match(await main_text(page), /本日 未報告/);
        await inspect(page, 'report-history');
        await page.goto(`/report/receipt?number=${number}`);
        await press(page);
        assert_place(page, '/sign-out');
        assert.match(await main_text(page), /サインアウトしました/);
        assert_no_complaints(page);
    });
});

test('warnings explain and let one go on; an adjustment is a line of its own; none and closed take one press', async () => {
    await with_pages(browser, async (open) => {
        advance_to(16, 0);
        const page = await as_person(open, 'first');
        await page.goto('/report');
        await press(page, page.locator('button[value="adjustment"]'));
        assert_place(page, '/report/adjustment');
        await page.locator('[name="adjusted_date"]').selectOption(japanese_day(1));
        await band(page, 3).fill('-18');
        await inspect_refusal(page, 'report-adjustment-refused', await press(page), 400, /報告は17人です[\s\S]*理由|入力してください[\s\S]*17人/);
        await band(page, 3).fill('−２');
        await page.locator('#reason').fill('二重に数えた2人');
        await inspect(page, 'report-adjustment');
        await press(page);
        assert_place(page, '/report');
        assert.match(await main_text(page), /分の調整\s*合計 −2人/);

        await band(page, 3).fill('10000');
        await press(page);
        assert.match(await main_text(page), /1万人以上です/);
        await inspect(page, 'report-warning');
        await band(page, '3-again').fill('1000');
        await inspect_refusal(page, 'report-warning-differs', await press(page), 400, /上の人数と違います/);
        await band(page, 2).fill('4');
        await band(page, '3-again').fill('10,000');
        await press(page);
        assert_place(page, '/report/confirm');
        await inspect(page, 'report-confirm-warned');

        // A colleague changes the draft meanwhile: nothing is sent that was not seen.
        const colleague = await as_person(open, 'second', { javascript: false });
        await colleague.goto('/report');
        await band(colleague, 2).fill('5');
        await press(colleague);
        await press(page);
        assert.match(await main_text(page), /下書きが変わりました/);
        assert.equal(await band(page, 2).inputValue(), '5');
        await look(page, 'report-changed');
        await band(page, '3-again').fill('10000');
        await press(page);
        await press(page);
        assert.match(await main_text(page), /10,005人/);
        await look(page, 'report-receipt-adjusted');
        await page.goto('/');
        assert.match(await main_text(page), /本日の報告は届いています/);
        await inspect(page, 'report-home-done');
        await page.goto('/report/history');
        assert.match(await main_text(page), /分の調整[\s\S]*二重に数えた2人/);
        await inspect(page, 'report-history-adjusted');

        for (const [value, said] of [['zero', '0件'], ['closed', '休診']]) {
            advance(kDay_s);
            await sign_in(page, people.first);
            await page.goto('/report');
            await band(page, 0).fill('1');
            assert.equal(await press(page, page.locator(`button[value="${value}"]`)), 409);
            assert.match(await main_text(page), /人数をすべて0に戻して/);
            await band(page, 0).fill('0');
            await press(page, page.locator(`button[value="${value}"]`));
            assert_place(page, '/report/receipt');
            assert.match(await main_text(page), new RegExp(said));
        }
        await look(page, 'report-receipt-closed');
        await page.goto('/report');
        assert.match(await main_text(page), /報告は完了しています/);
        await inspect(page, 'report-done');
        assert_no_complaints(page);
    });
});

test('without scripts: a lost session loses nothing, and the health centre sees who has not sent', async () => {
    await with_pages(browser, async (open) => {
        advance_to(16, 0);
        const page = await as_person(open, 'first', { javascript: false, width: 390 });
        await page.goto('/report');
        await band(page, 4).fill('６');
        advance(31 * 60);
        assert.equal(await press(page), 401);
        assert.match(await main_text(page), /まだ送っていません[\s\S]*合計6人/);
        await look(page, 'report-session-lost'); // axe needs scripts
        const tab = await page.context().newPage();
        await sign_in(tab, people.first);
        await tab.close();
        await press(page, page.locator('main button[type="submit"]'));
        assert_place(page, '/report/confirm');

        const center = await open();
        await sign_in_as(center, 'health_center');
        await center.goto('/report-drafts');
        assert.match(await main_text(center), /みどりの森クリニック[\s\S]*6人/);
        await inspect(center, 'report-drafts');

        await press(page);
        assert_place(page, '/report/receipt');
        assert.match(await main_text(page), /6人/);
        await center.goto('/report-drafts');
        assert.doesNotMatch(await main_text(center), /みどりの森クリニック/);
        await press(page, page.locator('.masthead__links a[lang="en"]'));
        await look(page, 'report-receipt-english');
        await page.goto('/report/history');
        await look(page, 'report-history-english');
        advance(kDay_s);
        await sign_in(page, people.first);
        await page.goto('/report');
        await look(page, 'report-entry-english');
        await answer(page, { band_0: '10000' });
        await look(page, 'report-warning-english');

        // The same over the API: every band said, one report, the same key the same receipt, another key its number.
        const post = async (path, data, headers = {}) => {
            const answered = await page.request.post(path, { data, headers });
            return { status: answered.status(), ...(await answered.json()) };
        };
        const { login_id, app } = people.first;
        const { flow, default_method_id: method_id } = await post('/api/v1/sign-in', { login_id, password: kPassword });
        await post('/api/v1/sign-in/challenge', { flow, method_id });
        const { token } = await post('/api/v1/sign-in/second-step', { flow, code: next_code(app) });
        const bands = ['0', '1_4', '5_9', '10', '20', '30', '40', '50', '60_64', '65_69', '70', '80', '90', 'unknown'];
        const figures = Object.fromEntries(bands.map((name, index) => [`age_${name}`, index]));
        const send = (key, more = {}) => post('/api/v1/daily-reports', { report_date: japanese_day(), ...figures, ...more }, { authorization: `Bearer ${token}`, 'idempotency-key': key });
        const refused = await send('', { age_0: -1, age_10: undefined, age_20: 1.5, typo: 1 });
        assert.equal(refused.status, 400);
        assert.deepEqual(refused.errors.map(({ field, rule }) => `${field} ${rule}`).sort(), ['Idempotency-Key idempotency_key_missing', 'age_0 count_signed', 'age_10 field_required', 'age_20 field_not_integer', 'typo field_unknown']);
        const first = await send('one');
        assert.deepEqual([first.status, first.total, first.age_unknown], [201, 91, 13]);
        assert.equal((await send('one')).receipt_number, first.receipt_number);
        const second = await send('two');
        assert.deepEqual([second.status, second.type, second.receipt_number], [409, 'urn:madoguchi:problem:already_reported', first.receipt_number]);
        const own = await page.request.get(`/api/v1/daily-reports/${japanese_day()}`, { headers: { authorization: `Bearer ${token}` } });
        assert.equal((await own.json()).versions.length, 1);
    });
});

test('the health centre sees who is silent, asks once, and sees the curve', async () => {
    await with_pages(browser, async (open) => {
        advance(kDay_s);
        advance_to(10, 0);
        const inbox = await open();
        const reachable = await new_account();
        await first_sign_in_by_sms(await open(), inbox, reachable);
        const center = await open();
        await sign_in_as(center, 'health_center');
        await center.goto('/today');
        await center.locator('.console__nav a[href="/completeness"]').click();
        await inspect(center, 'completeness');

        // Every day of the week, holidays too: then somebody is expected today whatever day it is.
        await center.locator('.calendar tbody th a').first().click();
        await inspect(center, 'completeness-organization');
        for (const box of await center.locator('main form input[type="checkbox"]').all()) await box.check();
        await press(center, center.locator('main form .button--primary'));
        assert.match(await center.locator('.toast').innerText(), /曜日を保存しました/);

        await center.goto('/completeness');
        const row = center.locator('.calendar tbody tr', { hasText: 'みどりの森クリニック' });
        await row.locator('input').check();
        await press(center, center.locator('main form .button--primary'));
        assert_place(center, '/completeness/remind');
        assert.match(await main_text(center), /1機関の\d+人に[\s\S]*まだ送っていません/);
        await inspect(center, 'completeness-remind');
        await press(center);
        assert.match(await center.locator('.toast').innerText(), /1機関に連絡を送りました/);
        assert.match(await row.innerText(), /本日10:\d\dに連絡しました/);
        assert.equal(await row.locator('input').count(), 0, 'once a day');
        const asked = (await inbox_messages(inbox, reachable.phone)).filter(({ text }) => /みどりの森クリニックの日次報告/.test(text));
        assert.equal(asked.length, 1);
        const table = await center.request.get('/completeness/list.csv');
        assert.match(await table.text(), /^\uFEFF機関ID,機関名[\s\S]*みどりの森クリニック,医療機関/);

        await center.goto('/curve');
        await inspect(center, 'curve');
        await center.locator('.table tbody tr', { has: center.locator('td.strong', { hasText: /^91$/ }) }).locator('a').click();
        const reported = new URL(center.url()).pathname.replace('/curve/', '');
        assert.match(await main_text(center), /みどりの森クリニック/);
        await inspect(center, 'curve-day');
        const figures = await center.request.get(`/curve/figures.csv?from=${reported}&to=${reported}`);
        assert.match(await figures.text(), new RegExp(`${reported},医療機関・保健所,0,1,2,3,4,5,6,7,8,9,10,11,12,13,91,1,`));
        assert.equal((await center.request.get('/curve/figures.xlsx')).headers()['content-type'], 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
        await center.goto('/completeness/999999999');
        assert.match(await main_text(center), /見つからない/);
        await press(center, center.locator('.masthead__links a[lang="en"]'));
        await center.goto('/completeness');
        await look(center, 'completeness-english');
        await center.goto('/curve');
        await look(center, 'curve-english');
    });
});
