// S26: PostgreSQL stopped, restarted under load, killed. While it is gone every answer that needs it is a 503 with Retry-After and
// nothing is accepted and lost; after it is back the same server process works again within ten seconds.
import assert from 'node:assert/strict';

import { check, main, notice_of, numbers, sleep, until } from './product.mjs';

const kBackMs = 10_000;
const kAnswerMs = 6_000; // a page that says "later" must not itself take long: kLeaseWait, kConnectTimeout
const kOutageMs = 2_500;
const kClients = 6;
const kSilenceMs = 20_000; // kAnswerTimeout, kConnectTimeout, and a busy machine

const kFlowPages = ['/sign-in/password', '/sign-in/second-step', '/sign-in/authenticator', '/sign-in/code', '/sign-in/code/status',
    '/sign-in/methods', '/sign-in/new-password'];
const kSessionPages = ['/', '/sign-in', '/sign-in/done', '/sign-out', '/development/inbox'];
const kPagesWithout = ['/healthz', '/help/guide', '/help/accessibility', '/help/privacy', '/help/private-window', '/help/access', '/sign-in/options'];
const kReads = ['/api/v1/me', '/api/v1/organizations', '/api/v1/organizations/1', '/api/v1/accounts', '/api/v1/accounts/1',
    '/api/v1/grants?account=1', '/api/v1/requests', '/api/v1/audit', '/api/v1/audit/verification'];

function check_retry_after({ headers }, what) {
    assert.ok(Number(headers['retry-after']) > 0, `${what}: Retry-After`);
}

function check_problem(answer, what) {
    assert.equal(answer.status, 503, `${what}: ${answer.text}`);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/, what);
    assert.equal(answer.json.status, 503);
    assert.match(answer.json.type, /^urn:madoguchi:problem:/);
    assert.ok(answer.json.title && answer.json.request_id, what);
    check_retry_after(answer, what);
}

function check_error_page(answer, what) {
    assert.equal(answer.status, 503, `${what}: ${notice_of(answer.text)}`);
    assert.match(answer.headers['content-type'], /^text\/html/, what);
    assert.match(answer.text, /<html lang="ja"/, what);
    check_retry_after(answer, what);
}

async function in_time(what, asked) {
    const began = Date.now();
    const answer = await asked;
    assert.ok(Date.now() - began < kAnswerMs, `${what} took ${Date.now() - began} ms`);
    return answer;
}

// Who is signed in stays signed in: no cookie is taken away because nobody could look whether it is good.
async function check_pages(visitor, pages) {
    const had = [...visitor.cookies.keys()].sort();
    for (const page of pages) {
        check_error_page(await in_time(page, visitor.get(page)), `GET ${page}`);
        assert.deepEqual([...visitor.cookies.keys()].sort(), had, `${page} took a cookie away`);
    }
    for (const page of kPagesWithout) {
        assert.equal((await in_time(page, visitor.get(page))).status, 200, page);
    }
}

async function check_forms(visitor, signed_in, person) {
    for (const each of [visitor, signed_in]) {
        await each.get('/help/access'); // for its CSRF token
    }
    const forms = {
        '/sign-in': { login_id: person.login_id },
        '/sign-in/password': { password: person.password },
        '/sign-in/second-step': { method: 'totp' },
        '/sign-in/authenticator': { code: '123456' },
        '/sign-in/code': { code: '123456' },
        '/sign-in/code/again': { by: 'sms' },
        '/sign-in/methods': { method_id: '1' },
        '/sign-in/new-password': { current_password: 'x', new_password: 'thirteen white doves', new_password_again: 'thirteen white doves' },
        '/help/access': { kind: 'password_reset', login_id: person.login_id, organization_name: '医院', contact_name: '花子', phone: '0312345678' },
    };
    for (const [target, fields] of Object.entries(forms)) {
        check_error_page(await in_time(target, visitor.post(target, fields)), `POST ${target}`);
    }
    check_error_page(await in_time('/sign-out', signed_in.post('/sign-out', {})), 'POST /sign-out');
    assert.ok(signed_in.signed_in(), 'a refused sign-out keeps the session');
}

async function check_api(product, administrator, person) {
    for (const target of kReads) {
        check_problem(await in_time(target, administrator.get(target)), `GET ${target}`);
    }
    const names = { family_name: '試験', given_name: '次郎' };
    const reason = { reason: '試験' };
    const writes = {
        '/api/v1/sign-in': { login_id: person.login_id, password: person.password },
        '/api/v1/sign-in/challenge': { flow: 'x', method_id: '1' },
        '/api/v1/sign-in/second-step': { flow: 'x', code: '123456' },
        '/api/v1/sign-out': undefined,
        '/api/v1/organizations': { kind: 'helpdesk', parent_id: '1', name: '失われた' },
        '/api/v1/accounts': { organization_id: product.helpdesk, login_id: 'lost@madoguchi.example', ...names },
        [`/api/v1/accounts/${person.id}/suspend`]: reason,
        [`/api/v1/accounts/${person.id}/reset-password`]: reason,
        '/api/v1/grants': { account: person.login_id, organization_id: product.helpdesk, role: 'helpdesk_operator', ...reason },
        '/api/v1/requests/1/approve': reason,
    };
    for (const [target, body] of Object.entries(writes)) {
        check_problem(await in_time(target, administrator.exchange('POST', target, body ? JSON.stringify(body) : '')), `POST ${target}`);
    }
}

async function check_readiness(product) {
    const readiness = await product.visitor().get('/readyz');
    assert.equal(readiness.status, 503);
    check_retry_after(readiness, '/readyz');
}

async function check_back(product, administrator, process_id) {
    const began = Date.now();
    const first = product.visitor();
    await until('the service', kBackMs, async () => (await first.get('/readyz')).status === 200, 50);
    const took = Date.now() - began;
    assert.equal((await administrator.get('/api/v1/me')).status, 200);
    assert.equal(product.server.child.pid, process_id);
    assert.equal(product.server.child.exitCode, null);
    return took;
}

async function stop_and_start(product, administrator, person) {
    const visitor = product.visitor();
    await visitor.enter_password(await product.issue(administrator, 'waiting'), '/sign-in/second-step');
    const signed_in = product.visitor();
    await signed_in.first_sign_in({ ...(await product.issue(administrator, 'staying')), new_password: 'seven green lanterns' });
    const counts = `select (select count(*) from accounts) as accounts, (select count(*) from organizations) as organizations,
        (select count(*) from requests) as requests, (select count(*) from sessions where ended_at is null) as sessions`;
    const before = await product.rows(counts);
    const process_id = product.server.child.pid;
    await product.signal_database('SIGINT');
    await check_readiness(product);
    await check_pages(visitor, kFlowPages);
    await check_pages(signed_in, kSessionPages);
    await check_forms(visitor, signed_in, person);
    await check_api(product, administrator, person);
    await product.resume_database();
    const back = await check_back(product, administrator, process_id);
    assert.deepEqual(await product.rows(counts), before, 'what was refused left nothing behind');
    assert.equal((await signed_in.get('/')).status, 200, 'whoever was signed in still is');
    await visitor.get('/sign-in/second-step');
    assert.equal(visitor.page.status, 200, 'the sign-in under way goes on');
    await visitor.register_application();
    return `${kFlowPages.length + kSessionPages.length + kPagesWithout.length} pages, 10 forms, ${kReads.length + 10} API calls; back after ${back} ms`;
}

/** Clients that issue accounts and read, until told to stop. Every answer is noted. */
function load(product, administrator, prefix) {
    const state = { running: true, acknowledged: [], refused: 0, reads: 0, strange: [] };
    const lanes = numbers(kClients).map(async (lane) => {
        for (let turn = 0; state.running; ++turn) {
            const login_id = `${prefix}-${lane}-${turn}@madoguchi.example`;
            const body = { organization_id: product.helpdesk, login_id, family_name: '試験' };
            const answer = await (lane % 2 === 0 ? administrator.post('/api/v1/accounts', body) : administrator.get('/api/v1/me'));
            if (answer.status === 201) {
                state.acknowledged.push(login_id);
            } else if (answer.status === 200) {
                state.reads += 1;
            } else if (answer.status === 503 && Number(answer.headers['retry-after']) > 0) {
                state.refused += 1;
                await sleep(20);
            } else {
                state.strange.push(`${answer.status} ${answer.text}`);
            }
        }
    });
    state.stop = async () => {
        state.running = false;
        await Promise.all(lanes);
    };
    return state;
}

async function outage_under_load(product, administrator, signal, prefix) {
    const process_id = product.server.child.pid;
    const working = load(product, administrator, prefix);
    await sleep(1_000);
    await product.signal_database(signal);
    await sleep(kOutageMs);
    await product.resume_database();
    const back = await check_back(product, administrator, process_id);
    const so_far = working.acknowledged.length;
    await until('new accounts', kBackMs, () => working.acknowledged.length > so_far);
    await sleep(500);
    await working.stop();
    assert.deepEqual(working.strange.slice(0, 3), [], `${working.strange.length} answers that were neither yes nor "later"`);
    assert.ok(working.refused > 0, 'the outage was seen');
    const rows = await product.rows(`select login_id from accounts where login_id like '${prefix}-%'`);
    const found = new Set(rows.map(({ login_id }) => login_id));
    const lost = working.acknowledged.filter((login_id) => !found.has(login_id));
    assert.deepEqual(lost, [], 'acknowledged and lost');
    assert.equal(await product.count(`select count(*) from accounts a where not exists (select 1 from grants where account_id = a.id)`), 0);
    assert.equal(await product.count(`select count(*) from audit_events where action = 'account.issue' and outcome = 'done'`),
        await product.count('select count(*) from accounts'));
    return `${working.acknowledged.length} issued, ${found.size - working.acknowledged.length} more written, ${working.reads} reads, ` +
        `${working.refused} x 503; back after ${back} ms`;
}

// A PostgreSQL that takes connections and never answers: stopped by a debugger, swapping, its disk gone. Its own timeouts don't run.
async function hang(product, administrator) {
    const process_id = product.server.child.pid;
    const began = Date.now();
    let first = 0;
    product.signal_all_of_database('SIGSTOP');
    try {
        await Promise.all(numbers(12).map(async () => check_problem(await administrator.get('/api/v1/me'), 'while it hangs')));
        first = Date.now() - began;
        assert.ok(first < kSilenceMs, `${first} ms for the first answers`);
        // Whoever comes later is told at once, and what needs no database is not held up.
        for (const page of ['/healthz', '/help/guide']) {
            assert.equal((await in_time(page, product.visitor().get(page))).status, 200, page);
        }
        await in_time('/readyz', check_readiness(product));
        for (const turn of numbers(5)) {
            check_problem(await in_time(`read ${turn}`, administrator.get('/api/v1/me')), 'while it still hangs');
        }
    } finally {
        product.signal_all_of_database('SIGCONT');
    }
    const back = await check_back(product, administrator, process_id);
    return `first answers after ${first} ms; back after ${back} ms`;
}

await main('database', 1, async (product) => {
    await product.server.start();
    const administrator = await product.administrator();
    const person = await product.ready_person(administrator, 'person');
    await check('PostgreSQL is stopped and started', () => stop_and_start(product, administrator, person));
    await check('it is restarted under load', () => outage_under_load(product, administrator, 'SIGINT', 'restart'));
    await check('it stops at once under load', () => outage_under_load(product, administrator, 'SIGQUIT', 'immediate'));
    await check('it is killed under load', () => outage_under_load(product, administrator, 'SIGKILL', 'kill'));
    await check('it hangs', () => hang(product, administrator));
    await check('sign-ins go on', async () => {
        await product.set_clock(product.offset_seconds + 60);
        await product.api_client().sign_in(person);
    });
    await check('the audit log', async () => {
        await sleep(2_500);
        const { json } = await administrator.get('/api/v1/audit/verification');
        assert.deepEqual(json.problems, []);
        return `${json.checked} rows`;
    });
});
