// Corrections, where the operator allows them afterwards too: by who reported until midnight, then by the health centre and the prefecture.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { inspect, inspect_refusal } from './inspect.mjs';
import { answer, assert_place, enter_code, enter_password, first_sign_in_by_application, kPassword, press, with_pages } from './journeys.mjs';
import { launch_browser } from './support.mjs';
import { advance, advance_to, japanese_day, kDay_s, new_account, next_code, sign_in_as, world } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
    await world();
});
after(() => browser?.close());

const main_text = (page) => page.locator('main').innerText();

/** To the versions of the clinic's report of `date`, as somebody in the console finds them. */
async function find_versions(page, date) {
    await page.goto('/completeness?q=' + encodeURIComponent('みどりの森'));
    await page.locator('.calendar tbody th a', { hasText: 'みどりの森クリニック' }).click();
    await page.locator(`main a[href^="/report/versions?date=${date}"]`).click();
    assert_place(page, '/report/versions');
}

test('a report is corrected by the clinic that day, by the health centre and the prefecture later; every version stays', async () => {
    await with_pages(browser, async (open) => {
        advance(kDay_s); // a day without a report
        advance_to(9, 0);
        const page = await open();
        const clinic = await new_account();
        const app = await first_sign_in_by_application(page, clinic, { next_code });
        const date = japanese_day();
        await page.goto('/report');
        await press(page, page.locator('main button[value="zero"]'));
        assert_place(page, '/report/receipt');

        await page.goto('/report');
        await press(page, page.locator('main a[href^="/report/correction"]'));
        await inspect(page, 'report-correction');
        await page.locator('#band-4').fill('５');
        assert.equal(await page.locator('[data-total]').innerText(), '5');
        const refused = await press(page, page.locator('main button[type="submit"]'));
        await inspect_refusal(page, 'report-correction-no-reason', refused, 400, /理由/);
        assert.equal(await page.locator('#band-4').inputValue(), '5', 'nothing that was typed is lost');
        await answer(page, { reason: '結果が午後に出た5人' });
        assert_place(page, '/report/receipt');
        assert.match(await main_text(page), /5人/);
        await page.goto(`/report/versions?date=${date}`);
        assert.match(await main_text(page), /第2版[\s\S]*結果が午後に出た5人[\s\S]*第1版[\s\S]*はじめの報告/);
        await inspect(page, 'report-versions');

        // After midnight the clinic's time is over; the health centre's and the prefecture's is not.
        advance(kDay_s);
        await enter_password(page, { login_id: clinic.login_id, password: kPassword });
        await enter_code(page, next_code(app));
        await page.goto(`/report/correction?date=${date}`);
        assert.match(await main_text(page), /報告した日の24:00まで/);

        const center = await open();
        await sign_in_as(center, 'health_center');
        await find_versions(center, date);
        await press(center, center.locator('main .actions a'));
        await inspect(center, 'report-correction-center');
        const prefecture = await open();
        await sign_in_as(prefecture, 'prefecture');
        await find_versions(prefecture, date);
        await press(prefecture, prefecture.locator('main .actions a'));
        await answer(prefecture, { band_4: '6', reason: '県の調べによる' });
        assert_place(prefecture, '/report/versions');
        assert.match(await main_text(prefecture), /第3版[\s\S]*県の調べによる[\s\S]*第2版/);
        await inspect(prefecture, 'report-versions-prefecture');

        // The health centre's form is older than that: it is told, and keeps what it typed.
        await center.locator('#band-4').fill('7');
        await center.locator('[name="reason"]').fill('ファクスで届いた訂正');
        const stale = await press(center, center.locator('main button[type="submit"]'));
        await inspect_refusal(center, 'report-correction-stale', stale, 409, /変更/);
        assert.equal(await center.locator('#band-4').inputValue(), '7');
        await press(center, center.locator('main button[type="submit"]'));
        assert_place(center, '/report/versions');
        assert.match(await main_text(center), /第4版[\s\S]*ファクスで届いた訂正[\s\S]*第1版/);
        await center.goto(`/curve/${date}`);
        assert.match(await main_text(center), /みどりの森クリニック[\s\S]*4版/);
    });
});
