// S23: kill -9 of the server at random moments while accounts are issued, first sign-ins and sign-ins run. What was acknowledged is
// there once, what was not is there once or not at all, nothing is half.
//   MADOGUCHI_FAULT_KILLS=100   how often
import assert from 'node:assert/strict';

import { check, fresh_step, has_fresh_step, in_parallel, main, sleep, totp_code } from './product.mjs';

const kKills = Number(process.env.MADOGUCHI_FAULT_KILLS ?? 100);
const kLife = [1_000, 1_600]; // ms between ready and the kill: at most this, and on a slow machine up to this
const kIssuers = 2;
const kNewcomers = 3;
const kRegulars = 3;
const kWaitingLetters = 12; // issuers rest while newcomers have this many to work on
const kSampled = 60; // acknowledged passwords that are tried at the end; unacknowledged ones are all tried
const kSealMs = 2_500; // the sealer runs every second

/** What clients did and what they were told. One entry a try; `done` is true once the whole answer had arrived. */
class Journal {
    issues = [];
    first_sign_ins = [];
    sign_ins = [];
    letters = []; // issued, not yet used
    people = []; // ready for ordinary sign-ins
}

class Load {
    constructor(product, administrator) {
        this.product = product;
        this.administrator = administrator;
        this.journal = new Journal();
        this.running = true;
        this.up = true;
        this.number = 0;
        this.unexpected = [];
    }

    // A lost connection is what this test makes; anything else it did not expect is a finding.
    async work(action) {
        while (this.running) {
            try {
                if (!this.up || !(await action())) {
                    await sleep(20);
                }
            } catch (error) {
                if (error instanceof assert.AssertionError) {
                    this.unexpected.push(error.message);
                }
                await sleep(10);
            }
        }
    }

    run() {
        const lanes = [];
        const add = (count, action) => {
            for (let lane = 0; lane < count; ++lane) {
                lanes.push(this.work(() => action.call(this)));
            }
        };
        add(kIssuers, this.issue);
        add(kNewcomers, this.first_sign_in);
        add(kRegulars, this.sign_in);
        return Promise.all(lanes);
    }

    async issue() {
        if (this.journal.letters.length >= kWaitingLetters) {
            return false;
        }
        const number = ++this.number;
        const by_grant = number % 4 !== 0; // every fourth one is an administrator, whose role waits for approval
        const entry = { login_id: `fault-${number}@madoguchi.example`, done: false, by_grant };
        this.journal.issues.push(entry);
        const answer = await this.administrator.post('/api/v1/accounts', {
            organization_id: by_grant ? this.product.helpdesk : this.product.prefecture,
            login_id: entry.login_id,
            family_name: '試験',
            given_name: String(number),
        });
        assert.equal(answer.status, 201, `issue: ${answer.text}`);
        entry.done = true;
        entry.id = answer.json.account.id;
        entry.password = answer.json.initial_password;
        assert.equal('approval_request_id' in answer.json, !by_grant);
        if (by_grant) {
            this.journal.letters.push(entry);
        }
        return true;
    }

    // A try whose end is unknown is not repeated: what it left behind is looked at in the end.
    async first_sign_in() {
        const letter = this.journal.letters.shift();
        if (!letter) {
            return false;
        }
        const number = ++this.number;
        const entry = { login_id: letter.login_id, initial: letter.password, agent: `first/${number}`, sent: false, done: false };
        entry.password = `gentle rain on slate ${number}`;
        this.journal.first_sign_ins.push(entry);
        const visitor = this.product.visitor({ agent: entry.agent });
        try {
            await visitor.enter_password(letter, '/sign-in/second-step');
            const { key, step } = await visitor.register_application();
            Object.assign(entry, { key, used_step: step });
            entry.sent = true;
            const answer = await visitor.replace_password(entry.initial, entry.password);
            assert.equal(answer.status, 303, `new password: ${answer.status}`);
        } catch (error) {
            // Not even sent: the letter is still good, and somebody starts over, as a person would.
            if (!entry.sent) {
                this.journal.letters.push(letter);
            }
            throw error;
        }
        assert.ok(visitor.signed_in());
        entry.done = true;
        this.journal.people.push(entry);
        return true;
    }

    async sign_in() {
        const person = this.journal.people.shift();
        if (!person) {
            return false;
        }
        try {
            if (!has_fresh_step(this.product, person)) {
                return false;
            }
            const entry = { login_id: person.login_id, agent: `again/${++this.number}`, done: false };
            const client = this.product.api_client({ agent: entry.agent });
            const asked = await client.password(person);
            assert.equal(asked.status, 200, `password: ${asked.text}`);
            const step = fresh_step(this.product, person);
            person.used_step = step; // whatever comes back: it may have been taken
            this.journal.sign_ins.push(entry);
            const code = totp_code(person.key, step);
            const answer = await client.post('/api/v1/sign-in/second-step', { flow: asked.json.flow, code });
            assert.equal(answer.status, 200, `code: ${answer.text}`);
            entry.done = true;
        } finally {
            if (this.journal.people.length < 200) {
                this.journal.people.push(person);
            }
        }
        return true;
    }
}

// Each kill moves the clock by a step of TOTP, so that nobody waits half a minute to sign in again.
async function kill_again_and_again(product, load, longest_life) {
    const running = load.run();
    for (let kill = 1; kill <= kKills; ++kill) {
        await sleep(20 + Math.random() * longest_life);
        await product.server.kill();
        load.up = false; // only now: the clients don't know that it comes
        await product.set_clock(product.offset_seconds + 30);
        await product.server.start();
        load.up = true;
    }
    await sleep(500);
    load.running = false;
    await running;
}

const acknowledged = (entries) => entries.filter(({ done }) => done);

async function check_issues(product, { issues }) {
    const rows = await product.rows(`select id::text, login_id, count(*) over (partition by login_id) as count from accounts`);
    const found = new Map(rows.map((row) => [row.login_id, row]));
    for (const issue of issues) {
        const row = found.get(issue.login_id);
        assert.ok(!row || row.count === 1, `${issue.login_id} is there ${row?.count} times`);
        assert.ok(row || !issue.done, `${issue.login_id} was acknowledged and is gone`);
        assert.ok(!issue.done || row.id === issue.id);
    }
    const silent = issues.filter(({ login_id, done }) => !done && found.has(login_id)).length;
    return `${issues.length} issued, ${acknowledged(issues).length} acknowledged, ${silent} more written`;
}

// A session is known by the name its client gave itself.
async function check_sessions(product, tries) {
    const rows = await product.rows(`select user_agent, a.login_id, count(*) from sessions s join accounts a on a.id = s.account_id
        group by user_agent, a.login_id`);
    const found = new Map(rows.map((row) => [row.user_agent, row]));
    for (const entry of tries) {
        const row = found.get(entry.agent);
        assert.ok((row?.count ?? 0) <= 1, `${entry.agent} made ${row?.count} sessions`);
        assert.ok(row || !entry.done, `the session of ${entry.agent} was acknowledged and is gone`);
        assert.ok(!row || row.login_id === entry.login_id);
    }
    const silent = tries.filter(({ agent, done }) => !done && found.has(agent)).length;
    return `${tries.length} tried, ${acknowledged(tries).length} acknowledged, ${silent} more written`;
}

async function works(product, login_id, password) {
    const answer = await product.api_client().password({ login_id, password });
    return answer.status === 200 || answer.status === 409 ? answer.status : undefined;
}

async function check_passwords(product, { first_sign_ins }) {
    const done = acknowledged(first_sign_ins).slice(-kSampled);
    await in_parallel(done, 4, async (entry) => {
        assert.equal(await works(product, entry.login_id, entry.password), 200, `the new password of ${entry.login_id}`);
        assert.equal(await works(product, entry.login_id, entry.initial), undefined, `the initial password of ${entry.login_id}`);
    });
    const finished = new Set(acknowledged(first_sign_ins).map(({ login_id }) => login_id));
    const unclear = first_sign_ins.filter(({ sent, login_id }) => sent && !finished.has(login_id));
    let replaced = 0;
    await in_parallel(unclear, 4, async (entry) => {
        const by_new = await works(product, entry.login_id, entry.password);
        const by_initial = await works(product, entry.login_id, entry.initial);
        assert.notEqual(by_new === 200, by_initial === 409, `${entry.login_id}: the new one ${by_new}, the initial one ${by_initial}`);
        if (by_new === 200) {
            replaced += 1;
            await product.api_client().sign_in({ ...entry, used_step: entry.used_step });
        }
    });
    return `${done.length} acknowledged ones tried, ${unclear.length} unclear: ${replaced} replaced, ${unclear.length - replaced} not`;
}

// Each counts what must not exist.
const kHalves = {
    'pending without an initial password': `select count(*) from accounts where state = 'pending' and (initial_digest is null or password_phc is not null)`,
    'active without a password, or with two': `select count(*) from accounts where state = 'active' and (password_phc is null or initial_digest is not null)`,
    'without grant and without request': `select count(*) from accounts a where not exists (select 1 from grants where account_id = a.id)
        and not exists (select 1 from requests where account_id = a.id and state = 'open')`,
    'active without second step': `select count(*) from accounts a where state = 'active'
        and (select count(*) from second_steps where account_id = a.id and removed_at is null) <> 1`,
    'second step without active account': `select count(*) from second_steps s join accounts a on a.id = s.account_id where a.state <> 'active'`,
    'session without active account': `select count(*) from sessions s join accounts a on a.id = s.account_id where a.state <> 'active'`,
    'sessions and finished flows differ': `select abs((select count(*) from sessions) - (select count(*) from sign_in_flows where state = 'signed_in')) as count`,
    'finished flow with a code left': `select count(*) from sign_in_flows where state = 'signed_in' and code_digest is not null`,
};

// Each state change has its row, and no row tells of what did not happen.
const kTold = {
    'account.issue': 'select count(*) from accounts',
    'role.grant': 'select count(*) from grants',
    'role.request': 'select count(*) from requests',
    'second_step.register': 'select count(*) from second_steps',
    'password.replace': `select count(*) from accounts where state = 'active'`,
    sign_in: 'select count(*) from sessions',
};

async function check_nothing_half(product) {
    for (const [what, query] of Object.entries(kHalves)) {
        assert.equal(await product.count(query), 0, what);
    }
    for (const [action, query] of Object.entries(kTold)) {
        const told = await product.count(`select count(*) from audit_events where action = '${action}' and outcome = 'done'`);
        assert.equal(told, await product.count(query), `audit rows of ${action}`);
    }
    return `${Object.keys(kHalves).length} kinds of half, ${Object.keys(kTold).length} kinds of audit rows`;
}

async function check_audit(product, administrator) {
    await sleep(kSealMs);
    if ((await administrator.get('/api/v1/me')).status === 401) {
        await administrator.sign_in(product.admin);
    }
    const verification = await administrator.get('/api/v1/audit/verification');
    assert.equal(verification.status, 200, verification.text);
    assert.deepEqual(verification.json.problems, []);
    assert.equal(verification.json.ok, true);
    const events = await product.count('select count(*) from audit_events');
    assert.ok(verification.json.checked >= events - 5, `${verification.json.checked} of ${events} checked`);
    return `${verification.json.checked} rows`;
}

await main('kill', 1, async (product) => {
    await product.server.start();
    const administrator = await product.administrator();
    const load = new Load(product, administrator);
    // Long enough for a whole first sign-in among all the others.
    const began = Date.now();
    await product.ready_person(administrator, 'pace');
    const longest_life = Math.min(kLife[1], Math.max(kLife[0], 4 * (Date.now() - began)));
    await check('the server is killed', async () => {
        await kill_again_and_again(product, load, longest_life);
        return `${kKills} times, after ${longest_life} ms at most`;
    });
    await check('nothing but lost connections was seen', async () => {
        const allowed = /code_used|login_id_taken/;
        const strange = load.unexpected.filter((message) => !allowed.test(message));
        assert.deepEqual(strange.slice(0, 5), [], `${strange.length} unexpected answers`);
    });
    const { journal } = load;
    await check('issued accounts', () => check_issues(product, journal));
    await check('sessions of first sign-ins', () => check_sessions(product, journal.first_sign_ins));
    await check('sessions of sign-ins', () => check_sessions(product, journal.sign_ins));
    await check('nothing is half', () => check_nothing_half(product));
    await check('passwords', () => check_passwords(product, journal));
    await check('the audit log', () => check_audit(product, administrator));
});
