// The console: today, the one search box, accounts and what is done to them, organizations; with and without scripts.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import { assert_place, place, press, with_pages } from './journeys.mjs';
import { assert_worked_by_keyboard } from './keyboard.mjs';
import { assert_no_complaints, launch_browser } from './support.mjs';
import { admin, new_account, next_hours, sign_in_as, world } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());
beforeEach(() => next_hours());

const main_text = (page) => page.locator('main').innerText();
const go = (page, name) => press(page, page.locator('main').getByRole('link', { name, exact: true }).first());
const row_of = (page, text) => page.locator('main tbody tr', { hasText: text }).first();
const short = (login_id) => login_id.split('@')[0];

async function as_(open, who, options) {
    const page = await open(options);
    await sign_in_as(page, who);
    return page;
}

/** Types the reason and presses the one button that acts. */
async function give_reason(page, reason) {
    await page.locator('main textarea[name="reason"]').fill(reason);
    return press(page, page.locator('main form[method="post"] .button--primary'));
}

test('the first screen says what waits, and each line leads to its list', async () => {
    await new_account();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        await press(page, page.getByRole('link', { name: '管理コンソールを開く' }));
        assert_place(page, '/today');
        await inspect(page, 'console-today');
        assert.match(await main_text(page), /対応を待っているもの[\s\S]*期限が近い初期パスワード/);
        for (const href of await page.locator('.console__nav a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))) {
            assert.equal((await page.goto(href)).status(), 200, `${href}: a row of the navigation leads somewhere`);
            assert.equal(await page.locator('.console__nav [aria-current="page"]').count(), 1, href);
        }
        await page.goto('/today');
        await press(page, page.locator('.split a').first());
        assert_place(page, '/accounts');
        await press(page, page.locator('.masthead__links a[lang="en"]'));
        await inspect(page, 'console-accounts-english');
        await page.goto('/today');
        await inspect(page, 'console-today-english');
        const stranger = await open();
        await stranger.goto('/accounts');
        assert_place(stranger, '/sign-in');
        assert_no_complaints(page);
    });
});

test('an account is found by whatever somebody knows of it, in lists that say what they show', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        await page.goto('/accounts');
        await inspect(page, 'accounts');
        for (const word of [short(account.login_id), short(account.login_id).toUpperCase(), '１３１０１１２３４２', 'みどりの森', 'みどりのもり', '森 緑', '1042', '森クリ']) {
            await page.goto(`/accounts?q=${encodeURIComponent(word)}`);
            assert.ok((await page.locator('main tbody tr').count()) > 0, word);
        }
        await page.goto('/accounts');
        await page.locator('main [name="state"]').count();
        await page.locator('main #kind').selectOption('facility');
        await page.locator('main #second').selectOption('none');
        await press(page, page.locator('main form.filters button'));
        assert.match(await main_text(page), /機関の種類：医療機関[\s\S]*二段階認証：未登録/);
        await inspect(page, 'accounts-filtered');
        await page.goto('/accounts?q=zzzz');
        await inspect(page, 'accounts-empty');
        await go(page, '条件をすべて外す');
        assert_place(page, '/accounts');
        await press(page, page.locator('main thead a', { hasText: '最終サインイン' }));
        assert.equal(await page.locator('main [aria-sort="descending"]').count(), 1);

        await page.locator('.masthead [name="q"]').fill('みどりの森');
        await press(page, page.locator('.masthead .search button'));
        assert_place(page, '/search');
        await inspect(page, 'search');
        await page.locator('.masthead [name="q"]').fill(account.login_id);
        await press(page, page.locator('.masthead .search button'));
        assert_place(page, `/accounts/${account.id}`);
        await page.goto('/search?q=zzzz');
        await inspect(page, 'search-nothing');
        assert_no_complaints(page);
    });
});

test('a name is put right, and who changed it meanwhile is told', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        await page.goto(`/accounts/${account.id}`);
        await go(page, '氏名を直す');
        await inspect(page, 'account-name');
        const stale = page.url();
        await page.locator('#family_name').fill('');
        await inspect_refusal(page, 'account-name-refused', await press(page), 400, /入力してください/, look);
        await page.locator('#family_name').fill('髙森');
        await page.locator('#family_kana').fill('たかもり');
        const second = await page.context().newPage();
        await second.goto(stale);
        await press(page);
        assert.match(await main_text(page), /髙森 緑さんの氏名を直しました[\s\S]*タカモリ/);
        await second.locator('#given_name').fill('みどり');
        assert.equal(await press(second), 409);
        assert.equal(await second.locator('#given_name').inputValue(), 'みどり', 'nothing typed is lost');
        await second.close();
        await page.goto('/roles?which=all&who=髙森');
        await inspect(page, 'roles-of-somebody');
        assert.equal(await page.locator('main tbody tr').count(), 1);
        await page.goto('/roles?which=all&who=zzzz');
        assert.equal(await page.locator('main tbody tr').count(), 0);
    });
});

test('an account is suspended, taken back, reset and closed, each asked about first', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        const home = `/accounts/${account.id}`;
        await page.goto(home);
        await inspect(page, 'account');
        await go(page, '停止する');
        await inspect(page, 'account-suspend');
        await inspect_refusal(page, 'error-account-without-reason', await press(page, page.locator('main form[method="post"] .button--primary')), 400, /理由を入力してください/);
        await give_reason(page, '本人から電話。代表番号に折り返して確認');
        assert_place(page, home);
        await inspect(page, 'account-suspended');
        assert.match(await main_text(page), /停止しました[\s\S]*理由：本人から電話/);
        await press(page, page.getByRole('button', { name: '元に戻す' }));
        assert_place(page, home);
        assert.match(await main_text(page), /再開しました[\s\S]*初回サインイン前/);

        await go(page, 'パスワードを再設定');
        await inspect(page, 'account-reset-password');
        assert.equal(await give_reason(page, '届いた通知書を失くした'), 200);
        await inspect(page, 'account-handed');
        const code = await page.locator('main .key').innerText();
        assert.match(code, /^[0-9A-Za-z-]{20,}$/);
        await page.goto(home);
        assert.ok(!(await page.content()).includes(code), 'shown once');

        await go(page, '廃止する');
        await inspect(page, 'account-close');
        await give_reason(page, '閉院');
        assert.match(await main_text(page), /廃止しました[\s\S]*元に戻せません/);
        await inspect(page, 'account-closed');
        assert.equal(await page.locator('.operations a').count(), 0);
        assert_no_complaints(page);
    });
});

test('whoever acts on a stale page is told, sees both versions, and loses nothing that was typed', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        const other = await as_(open, 'prefecture');
        await page.goto(`/accounts/${account.id}/close`);
        await other.goto(`/accounts/${account.id}/reset-password`);
        await give_reason(other, '県からの依頼');
        const status = await give_reason(page, '閉院の届け出があった');
        assert.equal(status, 409);
        const text = await main_text(page);
        assert.match(text, /ほかの人が先に変更しました[\s\S]*「パスワードの再設定」[\s\S]*初期パスワードの期限/);
        assert.equal(await page.locator('textarea').inputValue(), '閉院の届け出があった');
        await inspect(page, 'account-stale');
        await press(page, page.locator('main form[method="post"] .button--primary'));
        assert_place(page, `/accounts/${account.id}`);
        assert.match(await main_text(page), /廃止しました/);
    });
});

test('organizations are registered, found to be alike, edited, closed, taken back and moved', async () => {
    const { health_center, prefecture } = await world();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        await page.goto('/organizations');
        await inspect(page, 'organizations');
        await go(page, '管轄を上から見る');
        assert_place(page, `/organizations/${health_center}`);
        await inspect(page, 'organization-health-center');
        await go(page, '医療機関を登録');
        await page.locator('#name').fill('汐見坂ファミリークリニック');
        await page.locator('#institution_code').fill('131011236');
        await page.locator('#institution_code-said:not([hidden])').waitFor();
        assert.match(await page.locator('#institution_code-said').innerText(), /10桁/, 'said while it is typed');
        await page.locator('#phone').fill('03-0000-6677');
        await inspect_refusal(page, 'error-organization-code', await press(page, page.locator('main form .button--primary')), 400, /10桁/);
        assert.equal(await page.locator('#phone').inputValue(), '03-0000-6677', 'nothing typed is lost');
        await page.locator('#institution_code').fill('１３-１０１１-２３６７');
        await press(page, page.locator('main form .button--primary'));
        const made = place(page);
        assert.match(await main_text(page), /登録しました[\s\S]*1310112367[\s\S]*03-0000-6677/);
        await inspect(page, 'organization');

        await page.goto(`/organizations/new?parent=${health_center}&kind=facility`);
        await page.locator('#name').fill('汐見坂 ファミリークリニック');
        await page.locator('#institution_code').fill('1310112375');
        await press(page, page.locator('main form .button--primary'));
        assert.match(await main_text(page), /よく似た機関がすでにあります[\s\S]*汐見坂ファミリークリニック/);
        await inspect(page, 'organization-alike');

        const second = await as_(open, 'prefecture');
        await page.goto(`${made}/edit`);
        await inspect(page, 'organization-edit');
        await page.locator('#name').fill('汐見坂クリニック');
        await press(page, page.locator('main form .button--primary'));
        assert.match(await main_text(page), /直しました/);
        await page.goto(`${made}/close`);
        await inspect(page, 'organization-close');
        await give_reason(page, '閉院');
        assert.match(await main_text(page), /廃止しました/);
        await press(page, page.getByRole('button', { name: '元に戻す' }));
        assert.match(await main_text(page), /廃止を取り消しました/);

        await admin('prefecture', 'organization', 'create', '--kind', 'health_center', '--parent', prefecture, '--name', 'みなと保健所');
        await second.goto(`${made}/move`);
        await inspect(second, 'organization-move');
        await second.getByText('みなと保健所').first().click();
        await give_reason(second, '住所の変更');
        assert.match(await main_text(second), /移しました/);
        assert.match(await second.locator('.crumbs').innerText(), /みなと保健所/);
        assert.equal((await page.goto(made)).status(), 404, 'the centre that it left sees it no more');
        const gone = (await main_text(page)).replace(/[0-9A-Z]{16}/g, '');
        assert.equal((await page.goto('/organizations/987654321')).status(), 404);
        assert.equal((await main_text(page)).replace(/[0-9A-Z]{16}/g, ''), gone, 'as one that never was');
    });
});

test('every screen is worked by the keyboard alone', async () => {
    const account = await new_account();
    const { facility, health_center } = await world();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center');
        await page.goto('/today');
        const rows = await page.locator('.console__nav a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
        const acts = ['', '/name', '/suspend', '/close', '/reset-password'].map((act) => `/accounts/${account.id}${act}`);
        const places = ['', '/edit', '/close', '/contact'].map((act) => `/organizations/${facility}${act}`);
        for (const address of [...rows, ...acts, ...places, `/organizations/${health_center}`, `/organizations/new?parent=${health_center}&kind=facility`,
            '/organizations/import', `/letters/${account.id}`, `/letters/${account.id}/link`, '/letters/links', '/roles?which=all', '/search?q=mido', '/search?q=zzzz']) {
            assert.equal((await page.goto(address)).status(), 200, address);
            await assert_worked_by_keyboard(page);
        }
        await page.goto('/accounts');
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await page.keyboard.press('Tab');
        assert.ok(await page.evaluate(() => document.activeElement.closest('main') !== null), 'the skip link leads into the content');
        assert_no_complaints(page);
    });
});

test('without scripts and in English the same work is done', async () => {
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await as_(open, 'health_center', { javascript: false, locale: 'en-GB' });
        await page.goto(`/accounts?q=${short(account.login_id)}`);
        await press(page, row_of(page, short(account.login_id)).locator('a'));
        assert_place(page, `/accounts/${account.id}`);
        await look(page, 'account-english'); // axe itself needs scripts
        await go(page, 'Suspend');
        await look(page, 'account-suspend-english');
        await give_reason(page, 'asked for by phone');
        assert.match(await main_text(page), /is suspended/);
        await press(page, page.getByRole('button', { name: 'Undo' }));
        assert.match(await main_text(page), /is active again/);
        for (const [name, address] of [['organizations-english', '/organizations'], ['search-english', '/search?q=mido'], ['today-english', '/today']]) {
            await page.goto(address);
            await look(page, name);
            assert.doesNotMatch(await page.locator('.console__nav').innerText(), /[぀-ヿ一-鿿]/, name);
        }
    });
});
