// S12: nobody learns from a sign-in or a reset request whether an ID exists. Status and body must be the same; times are reported, and
// judged by a person: on a busy machine they are no verdict.
import assert from 'node:assert/strict';

import { check, main, notice_of, numbers } from './product.mjs';

const kTries = 30;

const median = (values) => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)];

/** How well a time tells known from unknown: 0.5 not at all, 0 or 1 always. */
function area_under_curve(known, unknown) {
    let wins = 0;
    for (const left of known) {
        for (const right of unknown) {
            wins += left > right ? 1 : left === right ? 0.5 : 0;
        }
    }
    return wins / (known.length * unknown.length);
}

// What differs for another reason: the request's id, and what the person typed.
const without_ids = (text, login_id) => text.replaceAll(/[A-Z2-7]{16}/g, 'ID').replaceAll(login_id, 'TYPED')
    .replaceAll(/name="(csrf|step)" value="[^"]*"/g, '').replaceAll(/\d{1,2}時\d{1,2}分(\d{1,2}秒)?|\d{1,2}:\d{2}(:\d{2})?/g, 'TIME');

async function timed(ask) {
    const began = process.hrtime.bigint();
    const answer = await ask();
    return { ...answer, took_ms: Number(process.hrtime.bigint() - began) / 1e6 };
}

/** Known and unknown take turns, so that a change of the machine's load falls on both. */
async function compare(title, known, unknown, ask) {
    const times = { known: [], unknown: [] };
    const seen = new Set();
    for (const index of numbers(kTries)) {
        for (const [kind, login_id] of [['known', known(index)], ['unknown', unknown(index)]]) {
            const answer = await ask(login_id, index);
            times[kind].push(answer.took_ms);
            const body = without_ids(answer.text, login_id);
            seen.add(`${answer.status} ${body}`);
            assert.equal(seen.size, 1, `${title}: ${kind} differs: ${[...seen].map((text) => notice_of(text)).join('\n')}`);
        }
    }
    const area = area_under_curve(times.known, times.unknown);
    return `median ${median(times.known).toFixed(1)} ms known, ${median(times.unknown).toFixed(1)} ms unknown, AUC ${area.toFixed(2)}`;
}

async function by_page(product, login_id) {
    const visitor = product.visitor();
    await visitor.get('/sign-in');
    await visitor.go('/sign-in', { login_id }, '/sign-in/password');
    return timed(() => visitor.post('/sign-in/password', { password: 'a wrong password' }));
}

async function by_reset_request(product, login_id) {
    const visitor = product.visitor();
    await visitor.get('/help/access');
    const fields = { kind: 'password_reset', login_id, organization_name: '試験医院', contact_name: '花子', phone: '0312345678', note: '' };
    return timed(() => visitor.post('/help/access', fields));
}

await main('enumeration', 1, async (product) => {
    await product.server.start();
    const administrator = await product.administrator();
    const active = [];
    for (const index of numbers(3)) {
        active.push(await product.ready_person(administrator, `known-${index}`));
    }
    const pending = await product.issue(administrator, 'pending-1');
    for (const [index, act] of [[1, 'suspend'], [2, 'close']]) {
        const done = await administrator.post(`/api/v1/accounts/${active[index].id}/${act}`, { reason: '試験' });
        assert.equal(done.status, 200, done.text);
    }
    const unknown = (index) => `nobody-${index}@madoguchi.example`;
    const states = { active: active[0], pending, suspended: active[1], closed: active[2] };
    const ask_api = (login_id) => timed(() => product.api_client().password({ login_id, password: 'a wrong password' }));
    for (const [state, person] of Object.entries(states)) {
        await check(`API: ${state}`, () => compare(state, () => person.login_id, unknown, ask_api));
    }
    await check('pages: active', () => compare('pages', () => active[0].login_id, unknown, (login_id) => by_page(product, login_id)));
    await check('reset requests: active', () =>
        compare('reset requests', () => active[0].login_id, unknown, (login_id) => by_reset_request(product, login_id)));
});
