// A graceful stop: SIGTERM while sign-ins are being hashed. Each request that the server has read is answered, in full. And a machine
// that is nobody's own: other programs keep every core, and people sign in all the same.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { check, in_parallel, kMayDump, main, numbers, send, until } from './product.mjs';

const kInFlight = 40; // below limits.hpp: kHashQueueWaiting
const kRounds = 3;
const kBusyPrograms = 2; // for each core
const kStopMs = 20_000; // kDrainTimeout

async function requests_in_flight(product) {
    // Without the headers of nginx: metrics are for the machine itself.
    const { text } = await send({ server: product.server, method: 'GET', path: '/metrics' });
    return Number(text.match(/^madoguchi_http_requests_in_flight (\S+)$/m)[1]);
}

async function stop_while_hashing(product, people) {
    await product.server.start();
    let answered = 0;
    const asked = numbers(kInFlight).map((index) =>
        product.api_client({ agent: `stop/${index}` }).password(people[index % people.length]).then((answer) => {
            answered += 1;
            return answer;
        }));
    await until('all requests in flight', 5_000, async () => answered + (await requests_in_flight(product)) - 1 >= kInFlight, 1);
    const open = kInFlight - answered;
    const began = Date.now();
    const ended = await product.server.stop();
    const took = Date.now() - began;
    const answers = await Promise.all(asked);
    // On a machine too busy to hash forty passwords in ten seconds the gate says "busy" (S27): an answer too, and a whole one.
    for (const { status, text } of answers) {
        assert.ok(status === 200 || (status === 503 && JSON.parse(text).type === 'urn:madoguchi:problem:busy'), `${status} ${text}`);
    }
    assert.ok(answers.some(({ status }) => status === 200), 'none of them was finished');
    assert.deepEqual(ended, { status: 0, signal: null });
    assert.ok(took < kStopMs, `${took} ms`);
    assert.ok(open > 0, 'nothing was in flight any more');
    await assert.rejects(product.api_client().get('/api/v1/me'), { code: 'ECONNREFUSED' });
    return `${open} of ${kInFlight} in flight, all answered, stopped after ${took} ms`;
}

// New passwords change the database: what was in flight is answered and there.
async function stop_while_passwords_are_replaced(product) {
    await product.server.start();
    await product.server.ready();
    const visitors = await in_parallel(product.newcomers, 4, async (person) => {
        const visitor = product.visitor();
        await visitor.enter_password(person, '/sign-in/second-step');
        await visitor.register_application();
        return visitor;
    });
    let answered = 0;
    const asked = visitors.map((visitor, index) =>
        visitor.replace_password(product.newcomers[index].password, `orange kites number ${index}`).then((answer) => {
            answered += 1;
            return answer;
        }));
    await until('all requests in flight', 5_000, async () => answered + (await requests_in_flight(product)) - 1 >= visitors.length, 1);
    const open = visitors.length - answered;
    const ended = await product.server.stop();
    for (const { status } of await Promise.all(asked)) {
        assert.equal(status, 303);
    }
    assert.deepEqual(ended, { status: 0, signal: null });
    assert.equal(await product.count(`select count(*) from accounts where login_id like 'stop-new-%' and state = 'active'`), visitors.length);
    const unsealed = 'select count(*) from audit_events e where not exists (select 1 from audit_seals s where s.event_id = e.id)';
    assert.equal(await product.count(unsealed), 0, 'the stop seals the audit log');
    return `${open} of ${visitors.length} in flight, all answered and written`;
}

const core_files = (directory) => readdirSync(directory).filter((name) => name.startsWith('core'));

// Abort is how a failed assertion ends a process. The control shows that this machine writes core files at all.
async function abort_leaves_no_core(product) {
    await product.server.start();
    const limits = readFileSync(`/proc/${product.server.child.pid}/limits`, 'utf8');
    assert.match(limits, /^Max core file size +0 +0 /m);
    product.server.child.kill('SIGABRT');
    assert.deepEqual(await product.server.ended, { status: null, signal: 'SIGABRT' });
    assert.deepEqual(core_files(product.directory), []);
    const [command, ...words] = [...kMayDump, 'sh', '-c', 'kill -ABRT $$'];
    spawnSync(command, words, { cwd: product.directory });
    return core_files(product.directory).length > 0 ? 'another process left one' : 'others leave none here either';
}

// The gate's threads run when nobody else wants a core. A backup that wants them all must not end sign-ins; send() waits 30 s.
async function sign_in_beside_a_backup(product, people) {
    await product.server.start();
    const programs = numbers(kBusyPrograms * availableParallelism()).map(() =>
        spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }));
    try {
        const began = Date.now();
        for (const person of people) {
            const answer = await product.api_client().password(person);
            assert.equal(answer.status, 200, answer.text);
        }
        return `${people.length} sign-ins beside ${programs.length} programs in ${((Date.now() - began) / 1000).toFixed(1)} s`;
    } finally {
        programs.forEach((program) => program.kill('SIGKILL'));
        assert.equal((await product.server.stop()).status, 0);
    }
}

await main('stop', 1, async (product) => {
    await product.server.start();
    const administrator = await product.administrator();
    const people = await in_parallel(numbers(4), 2, (index) => product.ready_person(administrator, `stop-${index}`));
    product.newcomers = await in_parallel(numbers(12), 4, (index) => product.issue(administrator, `stop-new-${index}`));
    assert.equal((await product.server.stop()).status, 0);
    for (const round of numbers(kRounds)) {
        await check(`SIGTERM while sign-ins are hashed, round ${round + 1}`, () => stop_while_hashing(product, people));
    }
    await check('SIGTERM while passwords are replaced', () => stop_while_passwords_are_replaced(product));
    await check('other programs keep every core', () => sign_in_beside_a_backup(product, people));
    await check('an aborted server leaves no core file', () => abort_leaves_no_core(product));
});
