// Events while servers are killed (kill -9): two servers tell a receiver that fails and dawdles, and die again and again. What was
// acknowledged is told, at least once; nothing is told that did not happen; what concerns one account comes in its order; the feed says
// the same.
//   MADOGUCHI_FAULT_KILLS=40   how often
import assert from 'node:assert/strict';
import http from 'node:http';

import { check, fresh_step, main, numbers, sleep, totp_code, until } from './product.mjs';

const kKills = Number(process.env.MADOGUCHI_FAULT_KILLS ?? 40);
const kAccounts = 6;
const kPause = 150; // ms between two acts on one account
const kLife = 700; // ms between the start of a server and its end, at most
const kLeaseSeconds = 31; // limits: kWebhookLease
const kRetrySeconds = 70; // kWebhookLongestRest, and a first delay

/** Password and second step once more: before a webhook is made. */
async function prove(product, administrator) {
    await product.set_clock(product.offset_seconds + 60); // a code serves once
    const flow = await administrator.post('/api/v1/me/confirm', { password: product.admin.password });
    assert.equal(flow.status, 200, flow.text);
    const step = fresh_step(product, product.admin);
    const done = await administrator.post('/api/v1/sign-in/second-step', { flow: flow.json.flow, code: totp_code(product.admin.key, step) });
    assert.equal(done.status, 200, done.text);
    product.admin.used_step = step;
    administrator.token = done.json.token;
}

/** The other side: one answer in thirty is an error, every fifth comes late. */
class Receiver {
    accepted = []; // ids in the order of the answers 200
    asked = 0;

    async listen() {
        this.server = http.createServer((request, response) => {
            let body = '';
            request.on('data', (chunk) => { body += chunk; });
            request.on('end', async () => {
                const number = ++this.asked;
                await sleep(number % 5 === 0 ? 120 : 0);
                const status = number % 30 === 0 ? 500 : 200;
                if (status === 200) {
                    const { id, data } = JSON.parse(body);
                    assert.equal(request.headers['webhook-id'], id);
                    this.accepted.push({ id, account: data.subject.id });
                }
                response.writeHead(status).end();
            });
        }).listen(0, '127.0.0.1');
        await new Promise((resolve) => this.server.once('listening', resolve));
        return `http://127.0.0.1:${this.server.address().port}/in`;
    }
}

/** Suspends and resumes accounts, by whichever server is there. */
class Load {
    done = []; // acknowledged: account and act
    running = true;

    constructor(product, administrator, accounts) { Object.assign(this, { product, administrator, accounts }); }

    async lane(account) {
        let state = 'pending';
        for (let turn = 0; this.running; ++turn) {
            const act = state === 'suspended' ? 'resume' : 'suspend';
            this.administrator.server = this.product.servers[turn % 2];
            try {
                const answer = await this.administrator.post(`/api/v1/accounts/${account}/${act}`, { reason: '試験のため' });
                if (answer.status === 200) {
                    this.done.push({ account, type: act === 'suspend' ? 'account.suspended' : 'account.resumed' });
                    state = act === 'suspend' ? 'suspended' : 'active';
                } else if (answer.status === 409) {
                    state = state === 'suspended' ? 'active' : 'suspended'; // the answer was lost before, not the act
                }
            } catch {
                await sleep(10);
            }
            await sleep(kPause);
        }
    }
}

async function kill_again_and_again(product, load) {
    const lanes = Promise.all(load.accounts.map((account) => load.lane(account)));
    for (const kill of numbers(kKills)) {
        const server = product.servers[kill % 2];
        await sleep(Math.random() * kLife);
        await server.kill();
        // What the dead server had in hand is free again after its lease.
        await product.set_clock(product.offset_seconds + kLeaseSeconds);
        await server.start();
    }
    load.running = false;
    await lanes;
    return `${load.done.length} acts acknowledged`;
}

async function told_in_the_end(product, administrator, webhook, receiver) {
    let asked = 0, quiet = 0; // what happened last is laid out for the webhook a moment later
    return until('everything is told', 120_000, async () => {
        await product.set_clock(product.offset_seconds + kRetrySeconds);
        await sleep(600);
        const { status, json } = await administrator.get(`/api/v1/webhooks/${webhook}`);
        if (status === 401) {
            await administrator.sign_in(product.admin); // hours have passed
            return false;
        }
        assert.equal(json.dead, 0, JSON.stringify(json));
        quiet = json.waiting === 0 && receiver.asked === asked ? quiet + 1 : 0;
        asked = receiver.asked;
        return quiet === 3;
    }, 10);
}

async function feed(administrator) {
    const events = [];
    for (let after = '', more = true; more;) {
        const { json } = await administrator.get(`/api/v1/events?limit=500${after && `&after=${after}`}`);
        events.push(...json.events);
        ({ next_cursor: after, more } = json);
    }
    return events;
}

const count_by = (list, key) => list.reduce((counts, one) => counts.set(key(one), (counts.get(key(one)) ?? 0) + 1), new Map());

function check_events(events, load) {
    const acts = events.filter(({ type }) => type === 'account.suspended' || type === 'account.resumed');
    assert.equal(new Set(events.map(({ id }) => id)).size, events.length, 'each event once in the feed');
    assert.deepEqual(events.map(({ id }) => id), events.map(({ id }) => id).sort(), 'in its order');
    const told = count_by(acts, ({ type, data }) => `${type} ${data.subject.id}`);
    for (const [act, times] of count_by(load.done, ({ type, account }) => `${type} ${account}`)) {
        assert.ok((told.get(act) ?? 0) >= times, `${act}: ${told.get(act)} told, ${times} acknowledged`);
    }
    for (const account of load.accounts) {
        const types = acts.filter(({ data }) => data.subject.id === account).map(({ type }) => type);
        types.forEach((type, index) => assert.equal(type, index % 2 === 0 ? 'account.suspended' : 'account.resumed', `${account}: each after the other`));
    }
    return `${acts.length} acts happened`;
}

function check_deliveries(events, receiver) {
    const expected = events.filter(({ type }) => type.startsWith('account.'));
    const got = count_by(receiver.accepted, ({ id }) => id);
    assert.deepEqual(expected.filter(({ id }) => !got.has(id)).map(({ id }) => id), [], 'each at least once');
    const known = new Set(expected.map(({ id }) => id));
    assert.deepEqual([...got.keys()].filter((id) => !known.has(id)), [], 'nothing that did not happen');
    const seen = new Map();
    for (const { id, account } of receiver.accepted) {
        const last = seen.get(account) ?? '';
        // What comes again may be old; what comes first is the next one.
        assert.ok(id <= last || expected.find((event) => event.id > last && event.data.subject.id === account).id === id, `${account}: ${id} came after ${last}`);
        seen.set(account, id > last ? id : last);
    }
    const again = receiver.accepted.length - got.size;
    return `${got.size} events, ${again} of them came again, ${receiver.asked - receiver.accepted.length} answers were errors`;
}

await main('events', 2, async (product) => {
    await Promise.all(product.servers.map((server) => server.start()));
    const administrator = await product.administrator();
    await prove(product, administrator);
    const receiver = new Receiver();
    const url = await receiver.listen();
    const made = await administrator.post('/api/v1/webhooks', { name: '受け手', url, organization_id: product.helpdesk, types: ['account.issued', 'account.suspended', 'account.resumed'] });
    assert.equal(made.status, 201, made.text);
    const accounts = [];
    for (const number of numbers(kAccounts)) {
        accounts.push((await product.issue(administrator, `events-${number}`)).id);
    }
    const load = new Load(product, administrator, accounts);
    await check(`${kKills} times a server is killed`, () => kill_again_and_again(product, load));
    administrator.server = product.server;
    await check('all is told in the end', () => told_in_the_end(product, administrator, made.json.id, receiver).then(() => `${receiver.asked} requests`));
    const events = (await feed(administrator)).filter(({ data }) => accounts.includes(data.subject.id) && data.subject.kind === 'account');
    await check('the feed', () => check_events(events, load));
    await check('the receiver', () => check_deliveries(events, receiver));
    receiver.server.close();
}, { 'webhooks.allow-hosts': '127.0.0.1' });
