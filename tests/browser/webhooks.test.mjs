// Webhooks from outside: made on the pages, received by a server of this test that checks each signature with the library of the
// specification; failing, retried in order, given up and sent again; and the feed beside it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { inspect, inspect_refusal, look } from './inspect.mjs';
import { answer, assert_place, kPassword, place, press, with_pages } from './journeys.mjs';
import { assert_no_complaints, launch_browser } from './support.mjs';
import { admin, advance, confirm_as, kDay_s, new_account, next_hours, now, sign_in_as, world } from './world.mjs';

const kDeadline_ms = 20_000;

let browser;
let receiver;
before(async () => {
    browser = await launch_browser();
    receiver = await start_receiver();
});
after(async () => {
    await browser?.close();
    receiver?.server.close();
});

/** Takes what is sent to it: `status` is what it answers, `taken` what came with that answer. */
async function start_receiver() {
    const out = { status: 200, taken: [] };
    out.server = createServer((request, response) => {
        let body = '';
        request.setEncoding('utf8');
        request.on('data', (part) => (body += part));
        request.on('end', () => {
            out.taken.push({ headers: request.headers, body, status: out.status });
            response.writeHead(out.status).end('x');
        });
    });
    await new Promise((resolve) => out.server.listen(0, '127.0.0.1', resolve));
    out.url = `http://127.0.0.1:${out.server.address().port}/in?key=of-the-receiver`;
    return out;
}

async function until(condition, what) {
    for (const deadline = Date.now() + kDeadline_ms; Date.now() < deadline; ) {
        const found = await condition();
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return assert.fail(`${what} did not happen; received: ${JSON.stringify(receiver.taken.map(({ body, status }) => [status, JSON.parse(body).type, JSON.parse(body).subject]))}`);
}

const of_account = (id) => receiver.taken.filter(({ body }) => JSON.parse(body).subject === `accounts/${id}`);
const types = (taken) => taken.map(({ body }) => JSON.parse(body).type);

/** As a receiver does it; the library compares with its own clock, so the clock of the product is given to it. */
function verified(secret, { headers, body }) {
    const real = Date.now;
    const at = now();
    Date.now = () => at;
    try {
        return new Webhook(secret).verify(body, headers);
    } finally {
        Date.now = real;
    }
}

/** "Confirm it's you", where the page asks for it, and back. */
async function confirmed(page) {
    assert_place(page, '/security/confirm');
    await answer(page, { password: kPassword });
    await confirm_as(page, 'health_center');
}

async function as_administrator(open, options) {
    const page = await open(options);
    await sign_in_as(page, 'health_center');
    return page;
}


test('made on the pages, received, verified, failed, retried in order, given up, sent again', async () => {
    await world();
    next_hours();
    await with_pages(browser, async (open) => {
        const page = await as_administrator(open);
        await page.goto('/webhooks');
        await inspect(page, 'webhooks-empty');
        await press(page, page.getByRole('link', { name: 'Webhookを作る' }));
        await confirmed(page);
        assert_place(page, '/webhooks/new');
        await inspect(page, 'webhook-new');
        const send = () => press(page, page.locator('main form[method="post"] .button--primary'));
        await page.locator('#name').fill('県の人事システム');
        await page.locator('#url').fill('https://10.0.0.1/in');
        const status = await send();
        await inspect_refusal(page, 'webhook-new-refused', status, 400, /インターネットから届かない/);
        await page.locator('#url').fill(receiver.url);
        await send();
        assert_place(page, '/webhooks/new');
        await inspect(page, 'webhook-made');
        const secret = (await page.locator('.code.key').innerText()).trim();
        assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
        await press(page, page.getByRole('link', { name: '写しました' }));
        const address = place(page);
        assert.doesNotMatch(await page.content(), new RegExp(secret.slice(6, 20)), 'it is never shown again');
        await inspect(page, 'webhook-one-empty');

        const account = await new_account();
        await until(() => of_account(account.id).length >= 2, 'the first delivery');
        assert.deepEqual(types(of_account(account.id)), ['account.issued', 'role.granted']);
        const [first] = of_account(account.id);
        assert.equal(verified(secret, first).data.subject.name, account.login_id);
        assert.equal(first.headers['webhook-id'], JSON.parse(first.body).id);
        assert.throws(() => verified(secret, { ...first, body: first.body.replace('issued', 'closed') }), /signature/i);
        assert.throws(() => verified(`whsec_${Buffer.alloc(32).toString('base64')}`, first), /signature/i);

        receiver.status = 500;
        receiver.taken = [];
        await admin('health_center', 'account', 'suspend', account.login_id, '--reason', '休職');
        await until(() => of_account(account.id).length >= 1, 'the refused delivery');
        await admin('health_center', 'account', 'resume', account.login_id, '--reason', '復職');
        await until(async () => {
            advance(10);
            return of_account(account.id).length >= 3;
        }, 'a further try');
        assert.deepEqual([...new Set(types(of_account(account.id)))], ['account.suspended'], 'the later one waits for the earlier one');
        assert.equal(new Set(of_account(account.id).map(({ headers }) => headers['webhook-id'])).size, 1, 'each try has the same id');
        await page.goto(address);
        await inspect(page, 'webhook-one-waiting');

        receiver.status = 204;
        await until(async () => {
            advance(60);
            return types(of_account(account.id)).includes('account.resumed');
        }, 'both in their order');
        const taken = of_account(account.id).filter(({ status: answered }) => answered === 204);
        assert.deepEqual(types(taken), ['account.suspended', 'account.resumed']);
        taken.forEach((one) => verified(secret, one));

        receiver.status = 503;
        receiver.taken = [];
        await admin('health_center', 'account', 'suspend', account.login_id, '--reason', '休職');
        await until(() => of_account(account.id).length >= 1, 'the delivery that will be lost');
        advance(kDay_s + 60);
        const again = await as_administrator(open);
        await until(async () => {
            await again.goto(`${address}?state=dead`);
            advance(60);
            return (await again.locator('main').innerText()).includes('届かず');
        }, 'a dead letter');
        await inspect(again, 'webhook-one-dead');
        receiver.status = 200;
        receiver.taken = [];
        advance(60);
        await press(again, again.getByRole('button', { name: '届かなかったものをすべて送り直す' }));
        await inspect(again, 'webhook-sent-again');
        await until(() => of_account(account.id).length >= 1, 'the dead letter, sent again');
        verified(secret, of_account(account.id)[0]);
        await again.goto('/webhooks');
        await inspect(again, 'webhooks-list');
        await press(again, again.locator('.masthead__links a[lang="en"]'));
        await inspect(again, 'webhooks-list-english');
        await again.goto(address);
        await inspect(again, 'webhook-one-english');
        await again.goto(`${address}/delete`);
        await inspect(again, 'webhook-delete-english');
        assert_no_complaints(page);
    });
});

test('without JavaScript: paused, resumed, another secret, deleted', async () => {
    await with_pages(browser, async (open) => {
        next_hours();
        const page = await as_administrator(open, { javascript: false });
        await page.goto('/webhooks');
        await press(page, page.locator('main tbody a').first());
        const address = place(page);
        await press(page, page.getByRole('button', { name: '一時停止する' }));
        await look(page, 'webhook-paused');
        await press(page, page.getByRole('button', { name: '再開する' }));
        await look(page, 'webhook-resumed');
        await press(page, page.getByRole('link', { name: '鍵を替える' }));
        await confirmed(page);
        await look(page, 'webhook-secret');
        await press(page, page.getByRole('button', { name: '鍵を替える' }));
        const secret = (await page.locator('.code.key').innerText()).trim();
        receiver.taken = [];
        const account = await new_account();
        const [first] = await until(() => of_account(account.id).length >= 1 && of_account(account.id), 'a delivery with both secrets');
        assert.match(first.headers['webhook-signature'], /^v1,\S+ v1,\S+$/);
        verified(secret, first);
        await page.goto(address);
        await press(page, page.getByRole('link', { name: '削除する' }));
        await look(page, 'webhook-delete');
        await press(page, page.getByRole('button', { name: '削除する' }));
        assert_place(page, '/webhooks');
        await look(page, 'webhooks-deleted');
        assert.equal((await page.goto(address)).status(), 404);
    });
});
