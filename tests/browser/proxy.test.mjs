// Proxy entry: a fax is registered, typed, ticked off; the clinic was first; unusual figures are looked at; the health centre's own report; reports out and in as files.
// After report.test.mjs, whose days it must not use up.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import { answer, assert_place, enter_code, enter_password, first_sign_in_by_application, kPassword, press, with_pages } from './journeys.mjs';
import { assert_no_complaints, launch_browser, until } from './support.mjs';
import { advance, advance_to, japanese_day, new_account, next_code, sign_in_as, world } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
    await world();
});
after(() => browser?.close());

const main_text = (page) => page.locator('main').innerText();
const band = (page, index) => page.locator(`#band-${index}`);
/** To 15:00 of Japan's next day: no report of that day is there yet. */
function advance_to_a_new_day() {
    advance_to(0, 0);
    advance_to(15, 0);
}

async function open_registration(page) {
    await page.goto('/proxy-reports/new');
    await answer(page, { q: 'みどりの森' });
    await page.getByRole('link', { name: 'みどりの森クリニック' }).click();
    await page.waitForLoadState();
}

test('a fax is registered, typed for the clinic and ticked off; where the clinic was first, both stand side by side', async () => {
    await with_pages(browser, async (open) => {
        advance_to_a_new_day();
        const center = await open();
        await sign_in_as(center, 'health_center');
        await center.goto('/proxy-reports');
        assert.match(await main_text(center), /入力を待っている報告はありません/);
        await center.goto('/proxy-reports/new?q=' + encodeURIComponent('みどりの森'));
        await inspect(center, 'proxy-search');
        await open_registration(center);
        await center.locator('[name="received_time"]').fill('25:00');
        await inspect_refusal(center, 'proxy-register-refused', await press(center), 400, /10:20のように/);
        await center.locator('[name="received_time"]').fill('１０２０');
        await center.locator('[name="note"]').fill('受付の方から');
        await press(center, center.locator('button[value="later"]'));
        assert_place(center, '/proxy-reports');
        assert.match(await main_text(center), /みどりの森クリニック[\s\S]*FAX[\s\S]*10:20[\s\S]*受付の方から/);
        await inspect(center, 'proxy-list');
        await center.goto('/today');
        await look(center, 'proxy-today');

        // The same fax once more: one entry.
        await open_registration(center);
        await inspect_refusal(center, 'proxy-registered-already', await press(center), 409, /まだ入力していない/);
        await press(center, center.getByRole('link', { name: '登録済みの報告を開く' }));
        await band(center, 2).fill('4.5');
        await inspect_refusal(center, 'proxy-entry-refused', await press(center), 400, /小数ではなく/);
        await band(center, 2).fill('4');
        await press(center);
        assert.match(await main_text(center), /代行して報告する/);
        await inspect(center, 'proxy-confirm');

        // The clinic reports something else itself before the press: nothing is overwritten.
        const clinic = await open();
        const account = await new_account();
        const app = await first_sign_in_by_application(clinic, account, { next_code });
        await clinic.goto('/report');
        await band(clinic, 2).fill('6');
        await press(clinic);
        await press(clinic);
        assert_place(clinic, '/report/receipt');
        assert.equal(await press(center), 409);
        assert.match(await main_text(center), /すでに報告しています[\s\S]*森 緑[\s\S]*違い[\s\S]*−2/);
        await inspect(center, 'proxy-difference');
        await center.locator('#reason').fill('電話で確かめた。6人が正しい');
        await press(center);
        assert_place(center, '/proxy-reports');
        assert.match(await main_text(center), /機関の報告をそのままにしました/);
        await clinic.goto('/report/history');
        assert.doesNotMatch(await main_text(clinic), /代行入力/);

        // The next day by telephone, with a figure that is unusual: the clinic and the review see it.
        advance_to_a_new_day();
        await sign_in_as(center, 'health_center');
        await open_registration(center);
        await center.locator('[name="received_by"][value="phone"]').check();
        await press(center);
        await band(center, 3).fill('12000');
        await press(center);
        assert.match(await main_text(center), /1万人以上です/);
        await inspect(center, 'proxy-warning');
        await band(center, '3-again').fill('12000');
        await press(center);
        await look(center, 'proxy-confirm-warned');
        await press(center);
        assert.match(await main_text(center), /代行して報告しました/);
        await inspect(center, 'proxy-done');
        await center.goto('/proxy-reports');
        await look(center, 'proxy-list-finished');
        await enter_password(clinic, { login_id: account.login_id, password: kPassword });
        await enter_code(clinic, next_code(app));
        await clinic.goto('/report/history');
        assert.match(await main_text(clinic), /青葉保健所が代行入力（電話/);
        await inspect(clinic, 'proxy-clinic-history');

        await center.goto('/report-reviews');
        await inspect(center, 'report-reviews');
        await press(center, center.getByRole('link', { name: /確かめる.*みどりの森/ }).first());
        await inspect(center, 'report-review');
        await center.locator('#note').fill('10代は12,000人で正しいですか');
        await press(center, center.locator('button[value="asked"]'));
        assert.match(await main_text(center), /問い合わせ中/);
        await clinic.goto('/report/history');
        assert.match(await main_text(clinic), /12,000人で正しいですか/);
        await press(center, center.getByRole('link', { name: /確かめる.*みどりの森/ }).first());
        await press(center, center.getByRole('link', { name: 'この報告の版を見る' }));
        assert.match(await main_text(center), /第1版[\s\S]*青葉保健所/);
        await inspect(center, 'report-versions-center');
        await center.goBack();
        await press(center);
        assert.match(await main_text(center), /確認済みにしました/);

        await center.goto('/report');
        assert.match(await main_text(center), /青葉保健所自身の報告です/);
        await inspect(center, 'report-own-center');
        assert_no_complaints(center);
        assert_no_complaints(clinic);
    });
});

/** The bytes of the file that pressing `button` saves. */
async function saved(page, button) {
    const download = page.waitForEvent('download');
    await button.click();
    return readFileSync(await (await download).path());
}

const kMark = '\uFEFF';
const table_of = (bytes) => bytes.toString().replace(kMark, '').trimEnd().split('\r\n').map((line) => line.split(','));

async function read_in(page, rows, name = '報告.csv') {
    await page.goto('/report-import');
    const text = kMark + rows.map((row) => row.join(',')).join('\r\n');
    await page.locator('#file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    return press(page);
}

async function reported(page) {
    await until('the file to be reported', 20_000, async () => {
        await page.goto(page.url());
        return /件を報告しました|報告できませんでした/.test(await main_text(page));
    });
}

test('reports are saved as a file, changed, read in, confirmed and reported; a clinic does the same for itself', async () => {
    await with_pages(browser, async (open) => {
        advance_to_a_new_day();
        const center = await open();
        await sign_in_as(center, 'health_center');
        await center.goto('/completeness');
        await press(center, center.getByRole('link', { name: '取り込み・書き出し' }));
        assert_place(center, '/report-import');
        await inspect(center, 'report-import');

        // Out, changed by hand, in again.
        const [headings, ...old] = table_of(await saved(center, center.locator('[formaction="/report-import/export.csv"]')));
        const row = old.findLast(([, name]) => name === 'みどりの森クリニック');
        assert.ok(row, 'the reports of the days before are in the file');
        assert.equal((await saved(center, center.getByRole('button', { name: 'Excelで保存' }).last())).subarray(0, 2).toString(), 'PK');
        const [template_headings, ...blank] = table_of(await saved(center, center.locator('[formaction="/report-import/template.csv"]')));
        assert.deepEqual(headings.slice(0, template_headings.length), template_headings);
        assert.ok(blank.some(([code]) => code === row[0]), 'has not reported today');
        const today = japanese_day().replaceAll('-', '/');
        const filled = (first, total = first) => [row[0], row[1], today, first, ...Array(13).fill('0'), total, '', row[19]];
        assert.equal(await read_in(center, [template_headings, filled('-3', '0'), ['9999999999', 'どこかの医院', ...filled('1').slice(2, 19), '']]), 200);
        assert.match(await main_text(center), /報告できない行が2行あります[\s\S]*＋や−を付けずに[\s\S]*管轄の外にあります/);
        await inspect(center, 'report-import-bad');
        await press(center, center.getByRole('button', { name: '報告できない2行を除く' }));
        assert.match(await main_text(center), /報告する行がありません/);
        await press(center, center.getByRole('button', { name: /取りやめて/ }));
        assert_place(center, '/report-import');
        const before = old.map((one) => one.slice(0, template_headings.length));
        assert.equal(await read_in(center, [template_headings, ...before, filled('12000')]), 200);
        assert.match(await main_text(center), /確かめる行が1行あります[\s\S]*12000/);
        await inspect(center, 'report-import-warned');
        await inspect_refusal(center, 'report-import-none-chosen', await press(center, center.getByRole('button', { name: '確かめた行を報告に含める' })), 400, /行を選んでから/, look);
        const again = async (number) => {
            for (const field of await center.locator('input[name^="again-"]').all()) {
                await field.fill(number);
            }
            return press(center, center.getByRole('button', { name: '確かめた行を報告に含める' }));
        };
        await center.locator('input[name="row"]').check();
        await inspect_refusal(center, 'report-import-only-ticked', await press(center, center.getByRole('button', { name: '確かめた行を報告に含める' })), 400, /同じ人数をもう一度/, look);
        await inspect_refusal(center, 'report-import-again-differs', await again('1200'), 400, /ファイルの数字と違います/, look);
        assert.equal(await center.locator('input[name^="again-"]').first().inputValue(), '1200', 'what was typed is there');
        await again('１２０００');
        await press(center, center.getByRole('link', { name: '報告の確認に進む' }));
        assert.match(await main_text(center), /まだ報告は終わっていません[\s\S]*12,000[\s\S]*みどりの森クリニック/);
        await inspect(center, 'report-import-confirm');
        await press(center);
        await reported(center);
        assert.match(await main_text(center), /1件を報告しました[\s\S]*\d{8}-\d{6}/);
        await inspect(center, 'report-import-done');
        assert.equal((await saved(center, center.getByRole('link', { name: /結果を保存する/ }))).subarray(0, 2).toString(), 'PK');
        assert.equal(await read_in(center, [template_headings, filled('12000')]), 200);
        assert.match(await main_text(center), /報告する行がありません/);
        assert.equal(await read_in(center, [['名前', '人数'], ['甲', '1']]), 400);
        assert.match(await main_text(center), /見出しが見つかりません/);

        // A clinic's single row.
        advance_to_a_new_day();
        const clinic = await open();
        await first_sign_in_by_application(clinic, await new_account(), { next_code });
        await clinic.goto('/report');
        await press(clinic, clinic.getByRole('link', { name: /取り込む・書き出す/ }));
        await inspect(clinic, 'report-import-clinic');
        const [heads, own, ...others] = table_of(await saved(clinic, clinic.locator('[formaction="/report-import/template.csv"]')));
        assert.equal(own[1], 'みどりの森クリニック');
        assert.deepEqual(others, []);
        assert.equal(await read_in(clinic, [heads, [...own.slice(0, 3), '２', ...Array(13).fill('0'), '', '', own[19]]]), 200);
        await press(clinic, clinic.getByRole('link', { name: '報告の確認に進む' }));
        await inspect(clinic, 'report-import-clinic-confirm');
        await press(clinic);
        await reported(clinic);
        await inspect(clinic, 'report-import-clinic-done');
        await clinic.goto('/report');
        assert.match(await main_text(clinic), /受付番号/);
        assert_no_complaints(center);
        assert_no_complaints(clinic);
    });
});
