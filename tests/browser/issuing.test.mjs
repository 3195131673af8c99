// Issuing: one by the keyboard alone, many from a file, letters printed once; with and without scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import { assert_place, first_sign_in_by_application, place, press, with_pages } from './journeys.mjs';
import { assert_no_complaints, inbox_messages, kOrigin, launch_browser, until } from './support.mjs';
import { admin, next_code, next_hours, sign_in_as, world } from './world.mjs';

let browser;
let files;
before(async () => {
    browser = await launch_browser();
    files = mkdtempSync(path.join(tmpdir(), 'madoguchi-issuing-'));
});
after(async () => {
    await browser?.close();
    rmSync(files, { recursive: true, force: true });
});
beforeEach(() => next_hours());

const main_text = (page) => page.locator('main').innerText();
const kCodes = ['1310112342', '1310212340', '1310312348'];
const kNames = ['みどりの森クリニック', '東雲台医院', '白樺通り内科'];

/** Two more clinics of the health centre, once for all tests of this file. */
let clinics;
async function three_clinics() {
    clinics ??= (async () => {
        const { health_center } = await world();
        const { organizations } = await admin('health_center', 'organization', 'list', '--kind', 'facility');
        const there = new Set(organizations.map((organization) => organization.institution_code));
        for (const [i, code] of kCodes.entries()) {
            if (!there.has(code)) {
                await admin('health_center', 'organization', 'create', '--kind', 'facility', '--parent', health_center, '--name', kNames[i], '--institution-code', code,
                    '--postal-code', '150-0001', '--address', '東京都みどり区中央一丁目2番3号');
            }
        }
    })();
    return clinics;
}

async function administrator(open, options) {
    await three_clinics();
    const page = await open(options);
    await sign_in_as(page, 'health_center');
    return page;
}

/** Presses `button`, which opens a file, and gives back the file's bytes. */
async function opened_file(page, button) {
    const download = new Promise((resolve) => {
        page.once('download', resolve);
        page.context().on('page', (popup) => popup.once('download', resolve));
    });
    await button.click();
    return readFile(await (await download).path());
}

function text_of(pdf) {
    const file = path.join(files, 'letter.pdf');
    writeFileSync(file, pdf);
    return execFileSync('pdftotext', ['-raw', file, '-']).toString();
}

function csv(name, rows) {
    const file = path.join(files, name);
    writeFileSync(file, ['医療機関コード,医療機関名,氏,名', ...rows.map((row) => row.join(','))].join('\r\n'));
    return file;
}

async function upload(page, file) {
    await page.goto('/batches');
    await page.locator('#file').setInputFiles(file);
    return press(page);
}

test('one ID by the keyboard alone: say whom, read it back, issue, letter', async () => {
    await with_pages(browser, async (open) => {
        const page = await administrator(open);
        await page.goto('/issue');
        await inspect(page, 'issue');
        const started = Date.now();
        await page.keyboard.type('東雲台'); // the first field has the focus
        await page.keyboard.press('Tab');
        await page.keyboard.type('山野');
        await page.keyboard.press('Tab');
        await page.keyboard.type('みどり');
        await page.keyboard.press('Enter');
        await page.waitForLoadState();
        await page.locator('main dl').waitFor();
        assert.match(await main_text(page), /この内容で発行しますか[\s\S]*東雲台医院[\s\S]*山野 みどり[\s\S]*@/);
        await inspect(page, 'issue-check');
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/issue\/\d+$/);
        assert.ok(Date.now() - started < 60_000);
        await inspect(page, 'issued');
        const login_id = (await main_text(page)).match(/\S+@\S+/)[0];
        const id = place(page).split('/').at(-1);
        const letter = text_of(await opened_file(page, page.locator(`form[action="/letters/${id}"] button`)));
        assert.ok(letter.includes(login_id));
        const initial_password = letter.match(/[A-Z0-9]{4}(?:-[A-Z0-9]{4}){4}/)[0];

        await page.goto(`/issue/${id}`);
        assert.match(await main_text(page), /印刷しました/);
        await page.goto(`/letters/${id}`);
        await inspect(page, 'letter-again');
        const stranger = await open();
        await first_sign_in_by_application(stranger, { login_id, initial_password }, { next_code });
        assert_place(stranger, '/');
        assert_no_complaints(page);
    });
});

test('what is not found, what is meant in several ways, and what is missing, is said at the field', async () => {
    await with_pages(browser, async (open) => {
        const page = await administrator(open, { javascript: false });
        const ask = async (facility, family_name) => {
            await page.goto('/issue');
            await page.locator('#facility').fill(facility);
            await page.locator('#family_name').fill(family_name);
            return press(page);
        };
        await inspect_refusal(page, 'issue-not-found', await ask('どこにもない医院', '山野'), 400, /見つからないか、管轄の外にあります/, look);
        await inspect_refusal(page, 'issue-nobody', await ask('東雲台', ''), 400, /入力してください/, look);
        await inspect_refusal(page, 'issue-several', await ask('1310', '山野'), 400, /選んでください/, look);
        assert.equal(await ask('1310412346', '山野'), 200);
        await look(page, 'issue-new-facility');
        await page.locator('#name').fill('海岸通り医院');
        await press(page);
        assert.match(await main_text(page), /海岸通り医院[\s\S]*まだIDがありません/);
    });
});

test('many from a file: checked, fixed, issued, printed; the same file again issues nothing', async () => {
    await with_pages(browser, async (open) => {
        const page = await administrator(open);
        await page.goto('/batches');
        await inspect(page, 'batches');
        const file = csv('冬期追加分.csv', [
            [kCodes[1], kNames[1], '川端', 'あかね'], [kCodes[2], '', '白井', 'つばさ'], ['131031234', '', '森', ''],
            [kCodes[1], kNames[2], '林', '一郎'], [kCodes[1], '', '川端　あかね', ''], ['１３１０３１２３４８', '', '海野', ''], ['9910000000', '', '岸', '']]);
        assert.equal(await upload(page, file), 200);
        await inspect(page, 'batch-check');
        assert.match(await main_text(page), /直すところが3行あります[\s\S]*発行できる3件を発行する/);
        const batch = place(page);
        await page.locator('[name="fix-4-code"]').fill(kCodes[2]);
        await page.locator('[name="skip-8"]').check();
        await press(page, page.locator('button[value="check"]'));
        await inspect(page, 'batch-checked-again');
        assert.match(await main_text(page), /発行できる5件を発行する/);
        await press(page, page.locator('button[value="issue"]'));
        await until('the batch is issued', 20_000, async () => {
            await page.goto(batch);
            return /を発行しました/.test(await page.locator('h1').innerText());
        });
        await inspect(page, 'batch-done');
        await page.goto(await page.locator('main a', { hasText: 'リンクを送る（SMS）' }).first().getAttribute('href'));
        await inspect(page, 'batch-links');
        await page.goto(batch);
        const letters = text_of(await opened_file(page, page.locator('form[action^="/letters/batches/"] button').first()));
        assert.equal(letters.match(/ログインIDと初期パスワードのお知らせ/g).length, 5);
        await page.goto(batch);
        assert.match(await main_text(page), /印刷済み/);
        const result = await page.request.get(`${batch}/result.csv`);
        assert.match(await result.text(), /川端,あかね[\s\S]*発行した,f13-/);
        assert.equal((await page.request.get(`${batch}/result.xlsx`)).status(), 200);

        await upload(page, file);
        assert.match(await main_text(page), /すでに発行済み\s*5件/);
        await page.goto(`${place(page)}/folded`);
        await inspect(page, 'batch-folded');
        await page.goto('/batches');
        await inspect(page, 'batches-two');
    });
});

test('a bad file is refused whole with its reason, also without scripts', async () => {
    await with_pages(browser, async (open) => {
        const page = await administrator(open, { javascript: false });
        const bad = path.join(files, 'a.xlsx');
        writeFileSync(bad, 'no workbook');
        await inspect_refusal(page, 'batch-wrong-kind', await upload(page, bad), 400, /名前の終わり/, look);
        const headless = path.join(files, 'b.csv');
        writeFileSync(headless, 'a,b\n1,2\n');
        assert.equal(await upload(page, headless), 400);
        assert.match(await main_text(page), /見出しが見つかりません/);
        const macros = path.join(files, 'c.xlsm');
        writeFileSync(macros, 'PK\x03\x04');
        assert.equal(await upload(page, macros), 400);
        await page.goto('/letters');
        await look(page, 'letters');
    });
});

/** An ID of 東雲台医院 that waits for its letter. */
async function issue_one(page, family_name) {
    await page.goto('/issue');
    await page.locator('#facility').fill('東雲台');
    await page.locator('#family_name').fill(family_name);
    await press(page);
    await press(page);
    await page.waitForURL(/\/issue\/\d+$/);
    return { id: place(page).split('/').at(-1), login_id: (await main_text(page)).match(/\S+@\S+/)[0] };
}

test('a link by SMS opens the initial password once; scanners burn nothing, and no log knows it', async () => {
    const phone = '090-0000-7301';
    await with_pages(browser, async (open) => {
        const page = await administrator(open);
        const { id, login_id } = await issue_one(page, '渡辺');
        await page.goto(`/letters/${id}/link`);
        await inspect(page, 'link-no-contact');
        await page.locator('main a', { hasText: '携帯電話を登録する' }).click();
        await page.locator('#phone').fill('03-0000-4100');
        await inspect_refusal(page, 'contact-refused', await press(page), 400, /携帯/, look);
        await page.locator('#phone').fill('０９０ー００００ー７３０１');
        await press(page);
        await inspect(page, 'contact');
        assert.match(await main_text(page), /090-\*\*\*\*-7301/);
        await page.goto(`/letters/${id}/link`);
        await inspect(page, 'link');
        await press(page);
        await inspect(page, 'link-sent');
        const stranger = await open();
        const { text } = await until('the link', 15_000, async () => (await inbox_messages(stranger, phone)).find((message) => /handover/.test(message.text)));
        assert.ok(!text.includes(login_id), 'whoever gets it by a mistake has no ID');
        const link = text.match(/https:\/\/\S+/)[0];
        const token = new URL(link).searchParams.get('t');
        assert.equal(new URL(link).origin, kOrigin);

        const scanner = await open();
        for (const method of ['get', 'head', 'get']) {
            assert.equal((await scanner.request[method](link)).status(), 200);
        }
        const first = await stranger.request.get(link, { maxRedirects: 0 });
        assert.deepEqual([first.status(), first.headers()['referrer-policy'], first.headers()['cache-control']], [303, 'no-referrer', 'no-store']);
        await stranger.goto(link);
        assert.equal(new URL(stranger.url()).search, '', 'the token leaves the address bar');
        await inspect(stranger, 'handover');
        await press(stranger);
        await inspect(stranger, 'handover-opened');
        const initial_password = await stranger.locator('#initial-password').innerText();
        await stranger.goto(link);
        const again = await press(stranger);
        await inspect_refusal(stranger, 'handover-gone', again, 410, /使われたか/, inspect);
        const told = await main_text(stranger);
        await stranger.goto(link.replace(token, 'x'.repeat(43)));
        assert.equal(await press(stranger), 410);
        assert.equal(await main_text(stranger), told, 'used and invented read the same');

        await page.goto(`/accounts/${id}`);
        assert.match(await main_text(page), /開かれました/);
        await inspect(page, 'account-with-link');
        await page.goto('/letters/links');
        await inspect(page, 'links');
        const newcomer = await open();
        await first_sign_in_by_application(newcomer, { login_id, initial_password }, { next_code });
        assert_place(newcomer, '/');
        for (const log of ['nginx-access.log', 'nginx-error.log', 'server.log']) {
            const written = readFileSync(path.join(process.env.MADOGUCHI_PRODUCT, 'log', log), 'utf8');
            assert.ok(!written.includes(token), `${log} holds the token`);
        }
        assert.ok(readFileSync(path.join(process.env.MADOGUCHI_PRODUCT, 'log/nginx-access.log'), 'utf8').includes('"/handover"'), 'the log is the one that was looked at');
    });
});

test('five mebibytes go through, nine do not', async () => {
    await with_pages(browser, async (open) => {
        const page = await administrator(open, { javascript: false });
        const long_name = 'あ'.repeat(85); // 255 bytes
        const row = (number) => `9910000000,${long_name},試験${number},`;
        const rows = (count) => ['医療機関コード,医療機関名,氏,名', ...Array.from({ length: count }, (_, number) => row(number))].join('\r\n');
        const large = path.join(files, 'large.csv');
        writeFileSync(large, rows(20_000));
        assert.ok(readFileSync(large).length > 5 * 1024 * 1024);
        assert.equal(await upload(page, large), 200);
        assert.match(await main_text(page), /20000行/);
        const too_large = path.join(files, 'too-large.csv');
        writeFileSync(too_large, rows(35_000));
        assert.ok(readFileSync(too_large).length > 9 * 1024 * 1024);
        await page.goto('/batches');
        await page.locator('#file').setInputFiles(too_large);
        // nginx may cut the connection while the browser still sends: then there is no answer to look at.
        const status = await press(page).catch(() => 'cut');
        assert.ok(status === 413 || status === 'cut', `answered ${status}`);
        await page.goto('/batches');
        assert.doesNotMatch(await main_text(page), /too-large/);
    });
});

test('organizations from a file: checked, corrected, registered; the saved list imports again', async () => {
    await with_pages(browser, async (open) => {
        const page = await administrator(open);
        const read = async (file) => {
            await page.goto('/organizations/import');
            await page.locator('#file').setInputFiles(file);
            return press(page);
        };
        await page.goto('/organizations/import');
        await inspect(page, 'imports');
        const file = path.join(files, '機関.csv');
        writeFileSync(file, ['名称,フリガナ,医療機関コード,電話番号', '若草内科,わかくさ,1310512343,０３ー００００ー５５０１', ',,1310612341,', '朝日医院,,131071234,', 'みどりの森クリニック,,1310112342,'].join('\r\n'));
        assert.equal(await read(file), 200);
        await inspect(page, 'import-check');
        assert.match(await main_text(page), /直すところが2行あります[\s\S]*登録できる1件を登録する/);
        await page.locator('[name="fix-3-name"]').fill('夕日医院');
        await page.locator('[name="skip-4"]').check();
        await press(page, page.locator('button[value="check"]'));
        assert.match(await main_text(page), /登録できる2件を登録する/);
        const import_page = place(page);
        await press(page, page.locator('button[value="make"]'));
        await until('the import is done', 20_000, async () => {
            await page.goto(import_page);
            return /を登録しました/.test(await page.locator('h1').innerText());
        });
        await inspect(page, 'import-done');
        await page.goto('/organizations?q=5501');
        assert.match(await main_text(page), /若草内科/);
        for (const kind of ['csv', 'xlsx']) {
            const saved = await page.request.get(`/organizations/list.${kind}`);
            assert.equal(saved.status(), 200);
            const copy = path.join(files, `list.${kind}`);
            writeFileSync(copy, await saved.body());
            assert.equal(await read(copy), 200);
            assert.match(await main_text(page), /登録できる行がありません/);
        }
        assert.match(await (await page.request.get('/accounts.csv?kind=health_center')).text(), /h13-/);
        assert.equal((await page.request.get('/accounts.xlsx')).status(), 200);
    });
});
