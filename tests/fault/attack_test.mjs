// The attacks of "nobody gets in" (S6, S8, S12 to S15), played against two servers on one database. Races over one secret are in
// races_test.mjs; here somebody means harm.
import assert from 'node:assert/strict';

import { check, fresh_step, in_parallel, main, notice_of, numbers, send, totp_code, totp_step, until, wrong_code } from './product.mjs';

const kGuesses = 500;
const kSignIns = 200;
const kNames = 300;
const kCodeFailures = 10; // limits.hpp: kFlowCodeFailures, kSecondStepSlowFailures
const kPasswordFailures = 10; // kPasswordFailuresPerAccountSource
const kAreaMaximum = 0.6;
const kRounds = 3; // a busy machine spoils one; it takes chance to spoil three

const turns = (product, index) => product.servers[index % product.servers.length];
const second_step = (client, flow, code) => client.post('/api/v1/sign-in/second-step', { flow, code });
const beginning_of_a_step = (product) => until('the next step', 31_000, () => product.now_ms() % 30_000 < 15_000, 200);

function statuses(answers) {
    const counts = {};
    for (const { status } of answers) {
        counts[status] = (counts[status] ?? 0) + 1;
    }
    return Object.entries(counts).map(([status, count]) => `${count} x ${status}`).join(', ');
}

const compared = (product, person) => product.count(`select count(*) from audit_events where action = 'sign_in.second_step'
    and outcome = 'refused' and target_name = '${person.login_id}' and after like '%invalid_fields%'`);

// --- guessing ---

/** Whoever has the password starts over for each guess, from ever new addresses. */
async function wrong_codes_over_fresh_sign_ins(product, person) {
    const step = totp_step(product.now_ms());
    const answers = await in_parallel(numbers(kSignIns), 4, async (index) => {
        const client = product.api_client({ server: turns(product, index) });
        const asked = await client.password(person);
        return asked.status === 200 ? second_step(client, asked.json.flow, wrong_code(person.key, step, index)) : asked;
    });
    assert.ok(answers.every(({ status }) => status !== 200), 'nobody got in');
    const tried = await compared(product, person);
    assert.ok(tried >= kCodeFailures && tried <= kCodeFailures + 3, `${tried} codes were compared: ten, and one a minute`);
    return `${tried} compared; ${statuses(answers)}`;
}

async function parallel_guesses(product, person) {
    const client = product.api_client();
    const { json } = await client.password(person);
    const step = totp_step(product.now_ms());
    const before = await compared(product, person);
    const answers = await in_parallel(numbers(kGuesses), 100, (index) =>
        second_step(product.api_client({ server: turns(product, index) }), json.flow, wrong_code(person.key, step, index)));
    assert.ok(answers.every(({ status }) => status !== 200), 'nobody got in');
    const tried = (await compared(product, person)) - before;
    assert.equal(tried, kCodeFailures, 'not one more than the limit');
    return `${tried} compared; ${statuses(answers)}`;
}

/** The code that opened a session on one server is shown to the other one, as who watched would. */
async function replay_on_the_other_server(product, person) {
    await beginning_of_a_step(product);
    const flows = [];
    for (const server of product.servers) {
        const client = product.api_client({ server });
        flows.push({ client, flow: (await client.password(person)).json.flow });
    }
    const step = fresh_step(product, person);
    const code = totp_code(person.key, step);
    assert.equal((await second_step(flows[0].client, flows[0].flow, code)).status, 200);
    person.used_step = step;
    const replayed = await second_step(flows[1].client, flows[1].flow, code);
    assert.equal(replayed.status, 400, replayed.text);
    const earlier = await second_step(flows[1].client, flows[1].flow, totp_code(person.key, step - 1));
    assert.equal(earlier.status, 400, `a step before it: ${earlier.text}`);
    const same_flow = await second_step(product.api_client({ server: product.servers[1] }), flows[0].flow, totp_code(person.key, step + 1));
    assert.notEqual(same_flow.status, 200, 'a flow that has ended');
}

// --- finding out and locking out ---

function area_under_curve(known, unknown) {
    let wins = 0;
    for (const left of known) {
        for (const right of unknown) {
            wins += left > right ? 1 : left === right ? 0.5 : 0;
        }
    }
    return wins / (known.length * unknown.length);
}

async function names(product, administrator) {
    const known = await in_parallel(numbers(kNames), 4, (index) => product.issue(administrator, `listed-${index}`));
    const areas = [];
    for (const round of numbers(kRounds)) {
        const times = { known: [], unknown: [] };
        const seen = new Set();
        for (const index of numbers(kNames)) {
            const pair = [['known', known[index].login_id], ['unknown', `unlisted-${round}-${index}@madoguchi.example`]];
            for (const [kind, login_id] of index % 2 === 0 ? pair : pair.reverse()) {
                const client = product.api_client({ server: product.servers[0] });
                const began = process.hrtime.bigint();
                const answer = await client.password({ login_id, password: `wrong ${round} ${index}` });
                times[kind].push(Number(process.hrtime.bigint() - began) / 1e6);
                seen.add(`${answer.status} ${answer.json.type} ${answer.json.detail}`);
            }
        }
        assert.equal(seen.size, 1, [...seen].join(' | '));
        const area = area_under_curve(times.known, times.unknown);
        areas.push(Math.max(area, 1 - area));
        if (areas.at(-1) <= kAreaMaximum) {
            break;
        }
    }
    assert.ok(areas.at(-1) <= kAreaMaximum, `times tell known from unknown: ${areas.map((area) => area.toFixed(2)).join(', ')}`);
    return `area under the curve ${areas.map((area) => area.toFixed(2)).join(', ')}`;
}

/** One who hates somebody fails at their ID; they sign in from where they are. */
async function locking_out(product, person) {
    const enemy = product.fresh_source();
    const answers = await in_parallel(numbers(60), 4, (index) =>
        product.api_client({ server: turns(product, index), source: enemy }).password({ ...person, password: 'not theirs' }));
    assert.ok(answers.filter(({ status }) => status === 401).length <= kPasswordFailures, statuses(answers));
    assert.ok(answers.some(({ status }) => status === 429), statuses(answers));
    await product.api_client().sign_in(person);
    return statuses(answers);
}

// --- forging ---

/** Past nginx's secret no header says where somebody is: all of these tries come from one address. */
async function forged_sources(product, person) {
    const answers = await in_parallel(numbers(60), 4, (index) => {
        const address = `203.0.113.${index}`;
        return send({
            server: product.server,
            method: 'POST',
            path: '/api/v1/sign-in',
            headers: {
                'content-type': 'application/json',
                'x-real-ip': address,
                'x-forwarded-for': address,
                forwarded: `for=${address}`,
                'x-madoguchi-edge': 'guessed',
            },
            body: JSON.stringify({ login_id: person.login_id, password: 'not theirs' }),
        });
    });
    assert.ok(answers.filter(({ status }) => status === 401).length <= kPasswordFailures, statuses(answers));
    const sources = await product.rows(`select distinct source from audit_events where source like '203.0.113.%'`);
    assert.deepEqual(sources, [], 'the audit log believed a header');
    return statuses(answers);
}

async function poisoned_host(product) {
    const evil = 'evil.example';
    for (const target of ['/', '/sign-in', '/sign-in/password', '/help/access', '/api/v1/me', '/no-such-page', '/language?to=en&back=//evil.example']) {
        const headers = { host: evil, 'x-forwarded-host': evil, 'x-original-host': evil };
        const answer = await send({ server: product.server, method: 'GET', path: target, headers });
        assert.ok(!answer.text.includes(`//${evil}`), `${target} wrote the name into its page`);
        assert.ok(!JSON.stringify(answer.headers).includes(evil), `${target} sent ${JSON.stringify(answer.headers)}`);
    }
}

// --- going round ---

async function skipped_steps(product, administrator) {
    const person = await product.issue(administrator, 'skipper');
    const visitor = product.visitor();
    await visitor.get('/sign-in');
    await visitor.go('/sign-in', person, '/sign-in/password');
    const wanted = product.fresh_password();
    const skips = [
        ['/sign-in/second-step', { method: 'totp' }], ['/sign-in/authenticator', { code: '123456' }], ['/sign-in/code', { code: '123456' }],
        ['/sign-in/new-password', { current_password: person.password, new_password: wanted, new_password_again: wanted }],
    ];
    for (const [target, fields] of skips) {
        const answer = await visitor.post(target, fields);
        assert.notEqual(answer.headers.location, '/', `${target} let in`);
        assert.ok(!visitor.signed_in(), `${target} gave a session`);
    }
    await visitor.get('/sign-in/password');
    await visitor.go('/sign-in/password', { password: person.password }, '/sign-in/second-step');
    for (const [target, fields] of skips.slice(2)) {
        await visitor.post(target, fields);
        assert.ok(!visitor.signed_in(), `${target} gave a session before a second step`);
    }
    const rows = await product.rows(`select state, password_phc from accounts where login_id = '${person.login_id}'`);
    assert.deepEqual(rows, [{ state: 'pending', password_phc: null }]);
}

/** An attacker plants cookies of their own in somebody's browser; after the sign-in theirs are worth nothing. */
async function fixed_session(product, administrator) {
    const person = await product.issue(administrator, 'fixed');
    const attacker = product.visitor();
    await attacker.get('/sign-in');
    await attacker.go('/sign-in', person, '/sign-in/password');
    const planted = new Map(attacker.cookies);
    const victim = product.visitor();
    for (const [name, value] of planted) {
        victim.cookies.set(name, value);
    }
    victim.cookies.set('__Host-session', 'A'.repeat(43));
    await victim.first_sign_in({ ...person, new_password: product.fresh_password() });
    assert.notEqual(victim.cookies.get('__Host-session'), 'A'.repeat(43));
    for (const name of ['__Host-flow', '__Host-session']) {
        attacker.cookies.set('__Host-session', planted.get(name) ?? 'A'.repeat(43));
        const home = await attacker.get('/');
        assert.equal(home.status, 303, `${name}: ${notice_of(home.text)}`);
    }
    attacker.cookies = planted;
    for (const target of ['/sign-in/second-step', '/sign-in/new-password', '/sign-in/code']) {
        const page = await attacker.get(target);
        assert.notEqual(page.status, 200, `${target} followed the victim`);
    }
}

await main('attack', 2, async (product) => {
    await Promise.all(product.servers.map((server) => server.start()));
    const administrator = await product.administrator();
    const people = {};
    for (const name of ['guessed', 'raced', 'replayed', 'hated', 'forged']) {
        people[name] = await product.ready_person(administrator, name);
    }
    await product.set_clock(product.offset_seconds + 60);
    await check('a code shown to the other server', () => replay_on_the_other_server(product, people.replayed));
    await check(`${kSignIns} wrong codes over fresh sign-ins`, () => wrong_codes_over_fresh_sign_ins(product, people.guessed));
    await check(`${kGuesses} guesses at once`, () => parallel_guesses(product, people.raced));
    await check('locking somebody out', () => locking_out(product, people.hated));
    await check('forged sources', () => forged_sources(product, people.forged));
    await check('a poisoned Host', () => poisoned_host(product));
    await check('skipped steps', () => skipped_steps(product, administrator));
    await check('a fixed session', () => fixed_session(product, administrator));
    await check(`${kNames} known and ${kNames} unknown names`, () => names(product, administrator));
});
