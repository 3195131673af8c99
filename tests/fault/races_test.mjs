// S4, S6, S7, S8, S9, S13: what is valid once works once, whoever else tries at the same moment on two servers, and no number of
// parallel guesses or requests passes a limit.
import assert from 'node:assert/strict';

import { check, fresh_step, in_parallel, main, numbers, totp_code, totp_step, until, wrong_code } from './product.mjs';

const kRivals = 50;
const kGuesses = 200;
const kResends = 1_000;
const kCodeFailures = 10; // limits.hpp: kFlowCodeFailures, kSecondStepSlowFailures
const kPasswordFailures = 10; // kPasswordFailuresPerAccountSource
const kMessagesPerFlow = 5;
const kMessagesPerNumberHour = 5;
const kResendWaitSeconds = 31; // kResendWait and one more

const turns = (product, index) => product.servers[index % product.servers.length];

function statuses(answers) {
    const counts = {};
    for (const { status } of answers) {
        counts[status] = (counts[status] ?? 0) + 1;
    }
    return Object.entries(counts).map(([status, count]) => `${count} x ${status}`).join(', ');
}

async function sessions_of(product, person) {
    return product.count(`select count(*) from sessions s join accounts a on a.id = s.account_id where a.login_id = '${person.login_id}'`);
}

/** Refused attempts that the audit log tells about: those that were compared and were wrong. */
async function compared(product, person, action, rule) {
    return product.count(`select count(*) from audit_events where action = '${action}' and outcome = 'refused'
        and target_name = '${person.login_id}' and after like '%${rule}%'`);
}

/** Waits for the next step of TOTP if this one is nearly over, so that all rivals mean the same one. */
async function at_the_beginning_of_a_step(product) {
    await until('the next step', 31_000, () => product.now_ms() % 30_000 < 20_000, 200);
}

/** A flow that waits for a code; a source of its own, spread over the servers. */
async function flow_of(product, person, index) {
    const client = product.api_client({ server: turns(product, index) });
    const asked = await client.password(person);
    assert.equal(asked.status, 200, asked.text);
    return { client, flow: asked.json.flow, methods: asked.json.methods };
}

const enter = ({ client, flow }, code) => client.post('/api/v1/sign-in/second-step', { flow, code });

// --- one initial password ---

async function race_for_initial_password(product, administrator) {
    const person = await product.issue(administrator, 'race-initial');
    const rivals = await in_parallel(numbers(kRivals), 4, async (index) => {
        const visitor = product.visitor({ server: turns(product, index), agent: `race/${index}` });
        await visitor.enter_password(person, '/sign-in/second-step');
        await visitor.register_application();
        return visitor;
    });
    const answers = await Promise.all(rivals.map((visitor, index) =>
        visitor.replace_password(person.password, `bright morning number ${index}`)));
    const winners = numbers(kRivals).filter((index) => answers[index].status === 303 && rivals[index].signed_in());
    assert.equal(winners.length, 1, statuses(answers));
    assert.equal(await sessions_of(product, person), 1);
    assert.equal(await product.count(`select count(*) from second_steps where account_id = ${person.id}`), 1);
    const right = await product.api_client().password({ ...person, password: `bright morning number ${winners[0]}` });
    assert.equal(right.status, 200, 'the password of the winner works');
    return statuses(answers);
}

async function race_whole_first_sign_ins(product, administrator) {
    const person = await product.issue(administrator, 'race-whole');
    const outcomes = await Promise.all(numbers(kRivals).map(async (index) => {
        const visitor = product.visitor({ server: turns(product, index) });
        await visitor.first_sign_in({ ...person, new_password: `silver birches number ${index}` }).catch((error) => {
            assert.ok(error instanceof assert.AssertionError, error.message);
        });
        return visitor.signed_in();
    }));
    assert.equal(outcomes.filter(Boolean).length, 1);
    assert.equal(await sessions_of(product, person), 1);
    assert.equal(await product.count(`select count(*) from second_steps where account_id = ${person.id}`), 1);
}

// --- one code ---

/** What the development inbox shows as the newest code. */
async function newest_code(product, known = new Set()) {
    return until('a message in the inbox', 10_000, async () => {
        const page = await product.visitor().get('/development/inbox');
        const found = [...page.text.matchAll(/aria-labelledby="message-(\d+)"[\s\S]*?<p class="message">[^<]*?(?<!\d)(\d{6})(?!\d)/g)];
        const fresh = found.find(([, id]) => !known.has(id));
        return fresh && { id: fresh[1], code: fresh[2] };
    }, 100);
}

async function person_with_phone(product, administrator, name, number) {
    const person = await product.issue(administrator, name);
    const visitor = product.visitor();
    await visitor.enter_password(person, '/sign-in/second-step');
    await visitor.go('/sign-in/second-step', { method: 'sms', country: 'JP', phone: number, read_back: number }, '/sign-in/code');
    const { id, code } = await newest_code(product);
    await visitor.go('/sign-in/code', { code }, '/sign-in/new-password');
    const password = product.fresh_password();
    const ended = await visitor.replace_password(person.password, password);
    assert.equal(ended.status, 303);
    return { ...person, password, known: new Set([id]) };
}

async function race_for_sms_code(product, person) {
    const before = await sessions_of(product, person);
    const asked = await flow_of(product, person, 0);
    const sent = await asked.client.post('/api/v1/sign-in/challenge', { flow: asked.flow, method_id: asked.methods[0].id });
    assert.equal(sent.status, 202, sent.text);
    const { id, code } = await newest_code(product, person.known);
    person.known.add(id);
    const answers = await Promise.all(numbers(kRivals).map((index) =>
        enter({ client: product.api_client({ server: turns(product, index) }), flow: asked.flow }, code)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, statuses(answers));
    assert.equal((await sessions_of(product, person)) - before, 1);
    assert.equal(answers.filter(({ status }) => status >= 500).length, 0, statuses(answers));
    return statuses(answers);
}

async function race_for_totp_code(product, person) {
    const before = await sessions_of(product, person);
    const flows = await in_parallel(numbers(kRivals), 4, (index) => flow_of(product, person, index));
    await at_the_beginning_of_a_step(product);
    const step = fresh_step(product, person);
    const code = totp_code(person.key, step);
    const answers = await Promise.all(flows.map((flow) => enter(flow, code)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, statuses(answers));
    assert.equal((await sessions_of(product, person)) - before, 1);
    assert.equal(answers.filter(({ status }) => status >= 500).length, 0, statuses(answers));
    return statuses(answers);
}

// A step is never taken again, nor an earlier one, on either server, even where the clock went back (S28).
async function replay_steps(product, administrator) {
    const person = await product.ready_person(administrator, 'replay');
    await product.set_clock(product.offset_seconds + 60);
    await at_the_beginning_of_a_step(product);
    const asked = await flow_of(product, person, 0);
    const step = fresh_step(product, person);
    assert.equal((await enter(asked, totp_code(person.key, step))).status, 200);
    for (const back_seconds of [0, 30]) {
        await product.set_clock(product.offset_seconds - back_seconds);
        for (const [index, old] of [[0, step], [1, step], [0, step - 1], [1, step - 1]]) {
            const answer = await enter(await flow_of(product, person, index), totp_code(person.key, old));
            assert.equal(answer.status, 400, answer.text);
            assert.match(answer.text, /code_used/);
        }
    }
    await product.set_clock(product.offset_seconds + 30);
    assert.equal(await sessions_of(product, person), 2, 'the first sign-in and one more');
}

// --- guesses ---

async function guess_codes(product, administrator) {
    const person = await product.ready_person(administrator, 'guess-codes');
    const flows = await in_parallel(numbers(kGuesses / kCodeFailures), 4, (index) => flow_of(product, person, index));
    const began = Date.now();
    const now_step = totp_step(product.now_ms());
    const answers = await Promise.all(numbers(kGuesses).map((index) =>
        enter(flows[index % flows.length], wrong_code(person.key, now_step, index * 4_999))));
    assert.ok(Date.now() - began < 55_000, 'too slow to tell: after a minute one more guess is allowed');
    const { failures, slow } = (await product.rows(`select failures, slow_until is not null as slow from second_steps where account_id = ${person.id}`))[0];
    assert.equal(failures, kCodeFailures, statuses(answers));
    assert.equal(slow, true);
    assert.equal(await compared(product, person, 'sign_in.second_step', 'invalid_fields'), kCodeFailures);
    const refused = answers.filter(({ status }) => status === 429);
    assert.equal(refused.length, kGuesses - kCodeFailures, statuses(answers));
    assert.ok(refused.every(({ headers }) => Number(headers['retry-after']) > 0));
    // A right code is refused too, else the limit would only slow down those who guess wrong.
    const right = totp_code(person.key, fresh_step(product, person));
    assert.equal((await enter(await flow_of(product, person, 1), right)).status, 429, 'a right code while slowed down');
    await product.set_clock(product.offset_seconds + 61);
    const later = totp_code(person.key, fresh_step(product, person));
    assert.equal((await enter(await flow_of(product, person, 1), later)).status, 200, 'a right code a minute later');
    return statuses(answers);
}

async function guess_in_one_flow(product, administrator) {
    const person = await product.ready_person(administrator, 'guess-in-one');
    const asked = await flow_of(product, person, 0);
    const now_step = totp_step(product.now_ms());
    const answers = await Promise.all(numbers(kGuesses).map((index) =>
        enter({ client: product.api_client({ server: turns(product, index) }), flow: asked.flow }, wrong_code(person.key, now_step, index * 4_999))));
    assert.equal(await compared(product, person, 'sign_in.second_step', 'invalid_fields'), kCodeFailures, statuses(answers));
    const { failures } = (await product.rows(`select failures from sign_in_flows where account_id = ${person.id} order by id desc limit 1`))[0];
    assert.ok(failures <= kCodeFailures, `${failures} counted in the flow`);
    assert.notEqual((await enter(asked, totp_code(person.key, now_step + 1))).status, 200, 'the flow is over');
    return statuses(answers);
}

async function guess_while_registering(product, administrator) {
    const person = await product.issue(administrator, 'guess-registering');
    const rivals = await in_parallel(numbers(kGuesses / kCodeFailures), 4, async (index) => {
        const visitor = product.visitor({ server: turns(product, index) });
        await visitor.enter_password(person, '/sign-in/second-step');
        await visitor.go('/sign-in/second-step', { method: 'totp' }, '/sign-in/authenticator');
        return visitor;
    });
    const answers = await Promise.all(numbers(kGuesses).map((index) =>
        rivals[index % rivals.length].post('/sign-in/authenticator', { code: String(100_000 + index * 4_001) })));
    assert.equal(answers.filter(({ status }) => status === 303).length, 0);
    const tries = await compared(product, person, 'sign_in.second_step', 'invalid_fields');
    assert.ok(tries <= kCodeFailures, `${tries} compared`);
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.every(({ headers }) => Number(headers['retry-after']) > 0));
    return `${tries} compared; ${statuses(answers)}`;
}

async function guess_passwords(product, administrator) {
    const person = await product.ready_person(administrator, 'guess-passwords');
    const source = product.fresh_source();
    const spellings = [person.login_id, person.login_id.toUpperCase(), ` ${person.login_id} `, person.login_id.replace('guess', 'ｇｕｅｓｓ')];
    const answers = await Promise.all(numbers(kGuesses).map((index) =>
        product.api_client({ server: turns(product, index), source })
            .password({ login_id: spellings[index % spellings.length], password: `wrong password ${index}` })));
    const tries = await compared(product, person, 'sign_in.password', 'invalid_credentials');
    assert.ok(tries <= kPasswordFailures, `${tries} compared; ${statuses(answers)}`);
    assert.equal(answers.filter(({ status }) => status === 401).length, tries, statuses(answers));
    const refused = answers.filter(({ status }) => status === 429);
    assert.equal(refused.length + tries, kGuesses, statuses(answers));
    assert.ok(refused.every(({ headers }) => Number(headers['retry-after']) > 0));
    assert.equal((await product.api_client({ source }).password(person)).status, 429, 'the right password while slowed down');
    assert.equal((await product.api_client().password(person)).status, 200, 'the owner, from elsewhere');
    return statuses(answers);
}

// --- messages ---

const messages_to = (product, person) => product.count(`select count(*) from messages where account_id = ${person.id}`);

function check_caps(answers) {
    for (const { status, headers } of answers.filter(({ status }) => status !== 303)) {
        assert.equal(status, 429, statuses(answers));
        assert.ok(Number(headers['retry-after']) > 0, 'Retry-After');
    }
}

// A script that presses "again" a thousand times; between its bursts the wait of half a minute passes.
async function ask_again(product, administrator) {
    const person = await person_with_phone(product, administrator, 'ask-again', '09012340002');
    await product.set_clock(product.offset_seconds + 3_700); // the hour of the first message is over
    const before = await messages_to(product, person);
    const visitor = product.visitor();
    await visitor.enter_password(person, '/sign-in/code');
    const answers = [];
    for (let burst = 0; burst < 10; ++burst) {
        answers.push(...await in_parallel(numbers(kResends / 10), 25, (index) =>
            visitor.post('/sign-in/code/again', { by: index % 5 === 0 ? 'voice' : 'sms' })));
        await product.set_clock(product.offset_seconds + kResendWaitSeconds);
    }
    check_caps(answers);
    const sent = (await messages_to(product, person)) - before;
    assert.ok(sent <= Math.min(kMessagesPerFlow, kMessagesPerNumberHour), `${sent} messages`);
    assert.equal(sent, 1 + answers.filter(({ status }) => status === 303).length);
    // Starting over resets nothing (S6): the number has had its messages of this hour.
    const again = product.visitor();
    await again.enter_password(person, '/sign-in/code');
    const refused = await again.post('/sign-in/code/again', { by: 'sms' });
    check_caps([refused]);
    assert.equal(refused.status, 429);
    assert.equal((await messages_to(product, person)) - before, sent);
    return `${sent} messages; ${statuses(answers)}`;
}

// Other numbers each time, as in "SMS pumping".
async function ask_for_many_numbers(product, administrator) {
    const person = await product.issue(administrator, 'many-numbers');
    const visitor = product.visitor();
    await visitor.enter_password(person, '/sign-in/second-step');
    const answers = [];
    for (const index of numbers(100)) {
        const phone = `0901235${String(index).padStart(4, '0')}`;
        await visitor.get('/sign-in/second-step');
        answers.push(await visitor.post('/sign-in/second-step', { method: 'sms', country: 'JP', phone, read_back: phone }));
        await product.set_clock(product.offset_seconds + 1);
    }
    check_caps(answers);
    const sent = await messages_to(product, person);
    assert.ok(sent <= kMessagesPerFlow, `${sent} messages`);
    return `${sent} messages; ${statuses(answers)}`;
}

await main('races', 2, async (product) => {
    await Promise.all(product.servers.map((server) => server.start()));
    const administrator = await product.administrator();
    await check(`${kRivals} new passwords for one initial password`, () => race_for_initial_password(product, administrator));
    await check(`${kRivals} whole first sign-ins with one initial password`, () => race_whole_first_sign_ins(product, administrator));
    const by_phone = await person_with_phone(product, administrator, 'race-sms', '09012340001');
    for (const round of numbers(3)) {
        await check(`${kRivals} uses of one SMS code, round ${round + 1}`, () => race_for_sms_code(product, by_phone));
    }
    const by_app = await product.ready_person(administrator, 'race-totp');
    await check(`${kRivals} uses of one TOTP code`, () => race_for_totp_code(product, by_app));
    await check('no step is taken twice', () => replay_steps(product, administrator));
    await check(`${kGuesses} wrong codes in many sign-ins`, () => guess_codes(product, administrator));
    await check(`${kGuesses} wrong codes in one sign-in`, () => guess_in_one_flow(product, administrator));
    await check(`${kGuesses} wrong codes while registering`, () => guess_while_registering(product, administrator));
    await check(`${kGuesses} wrong passwords`, () => guess_passwords(product, administrator));
    await check('100 numbers in one registration', () => ask_for_many_numbers(product, administrator));
    await check(`${kResends} requests for another message`, () => ask_again(product, administrator));
});
