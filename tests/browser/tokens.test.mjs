// API tokens in the console, and the description of the API: made, shown once, used by a script, revoked; seen at both widths.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import { answer, assert_place, kPassword, press, with_pages } from './journeys.mjs';
import { launch_browser } from './support.mjs';
import { advance, confirm_as, sign_in_as, world } from './world.mjs';

let browser;
before(async () => {
    browser = await launch_browser();
    await world();
});
after(() => browser?.close());

const main_text = (page) => page.locator('main').innerText();
const api = (page, token, target, body) => page.request.fetch(`/api/v1${target}`, {
    method: body ? 'POST' : 'GET', headers: { authorization: `Bearer ${token}` }, ...(body ? { data: body } : {}),
});

test('an administrator makes a token for a script, which does that much and no more, and revokes it', async () => {
    await with_pages(browser, async (open) => {
        const page = await open();
        await sign_in_as(page, 'health_center');
        await page.goto('/today');
        await page.locator('nav a[href="/tokens"]').first().click();
        assert_place(page, '/tokens');
        await inspect(page, 'tokens-none');

        await page.locator('main a[href="/tokens/new"]').click();
        assert_place(page, '/security/confirm');
        advance(60); // a code serves once
        await answer(page, { password: kPassword });
        await confirm_as(page, 'health_center');
        assert_place(page, '/tokens/new');
        await inspect(page, 'token-new');

        await page.locator('#sources').fill('どこか');
        const refused = await press(page);
        await inspect_refusal(page, 'token-new-refused', refused, 400, /IPアドレスか、192\.0\.2\.0\/24/);
        assert.match(await main_text(page), /1つ選んでください/);
        await page.locator('#name').fill('夜間の登録簿連携');
        await page.locator('input[value="directory:read"]').check();
        await page.locator('input[value="accounts:write"]').check();
        await page.locator('#sources').fill('');
        await press(page);
        await inspect(page, 'token-made');
        const token = await page.locator('main .key').innerText();
        assert.match(token, /^mdg_[\w-]{43}$/);

        const me = await api(page, token, '/me');
        assert.equal(me.status(), 200, await me.text());
        assert.equal((await me.json()).token.name, '夜間の登録簿連携');
        assert.equal((await api(page, token, '/audit')).status(), 403, 'no scope for the log');
        assert.equal((await api(page, token, '/tokens')).status(), 401, 'no token manages tokens');

        await press(page, page.locator('main .actions a'));
        assert.ok(!(await page.content()).includes(token), 'shown once');
        assert.match(await main_text(page), /127\.0\.0\.1|::1/);
        await inspect(page, 'token');
        await page.goto('/tokens');
        assert.match(await main_text(page), /夜間の登録簿連携[\s\S]*有効/);
        await inspect(page, 'tokens');

        await page.goto(await page.locator('main table a').first().getAttribute('href'));
        await press(page, page.locator('main .button--danger'));
        await inspect(page, 'token-revoke');
        await press(page, page.locator('main .button--danger'));
        assert_place(page, '/tokens');
        assert.match(await main_text(page), /トークンを取り消しました[\s\S]*取消済み/);
        assert.equal((await api(page, token, '/me')).status(), 401, 'at once');

        await page.goto('/audit?action=token.make');
        assert.match(await main_text(page), /APIトークンの作成/);
    });
});

test('the description of the API is a page of ours, with scripts or without', async () => {
    await with_pages(browser, async (open) => {
        for (const javascript of [true, false]) {
            const page = await open({ javascript });
            await page.goto('/api/docs');
            await page.locator('#issueManyAccounts > summary').click();
            assert.match(await page.locator('#issueManyAccounts').innerText(), /atomic[\s\S]*accept_warnings[\s\S]*202/);
            await (javascript ? inspect : look)(page, javascript ? 'api-docs' : 'api-docs-no-script');
        }
        const page = await open();
        const document = await page.request.get('/api/v1/openapi.json');
        assert.equal((await document.json()).openapi, '3.1.0');
    });
});
