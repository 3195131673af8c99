// The API's document against the server that it describes: the document is linted, every kind of request goes through a proxy that knows
// the document and reports each answer (and each request) that it does not allow, and what is no good is refused by the server itself
// with the right status and a problem body. Then the tokens of scripts, repeated requests, and changes that meet.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { check, main, send, until } from '../fault/product.mjs';
import { build_country, confirm, institution_code } from './country.mjs';
import { is_problem, kTools, Proxy, raw } from './proxy.mjs';

const kHere = path.dirname(fileURLToPath(import.meta.url));
const kAdmin = process.env.MADOGUCHI_ADMIN ?? path.join(kHere, '../../build/release/madoguchi-admin');
const run_file = promisify(execFile);

async function walk_organizations(proxy, { center, center_id }) {
    const wanted = { kind: 'facility', parent_id: center_id, name: 'しおかぜ診療所', kana: 'シオカゼシンリョウジョ', institution_code: institution_code(1) };
    const dry = await proxy.ask(center, 'POST', '/organizations', { ...wanted, dry_run: true });
    assert.equal(dry.status, 200);
    const made = await proxy.ask(center, 'POST', '/organizations', wanted);
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers.location, `/api/v1/organizations/${made.json.id}`);
    const target = `/organizations/${made.json.id}`;
    const shown = await proxy.ask(center, 'GET', target);
    assert.equal(shown.headers.etag, made.headers.etag);
    const edited = await proxy.ask(center, 'PATCH', target, { phone: '03-0000-1042' }, { 'if-match': shown.headers.etag });
    assert.equal(edited.status, 200, edited.text);
    assert.equal(edited.json.name, wanted.name, 'what is not named stays');
    assert.notEqual(edited.headers.etag, shown.headers.etag);
    const late = await proxy.ask(center, 'PATCH', target, { phone: '03-0000-1043' }, { 'if-match': shown.headers.etag });
    assert.equal(late.status, 412, late.text);
    for (const act of ['close', 'reopen']) {
        assert.equal((await proxy.ask(center, 'POST', `${target}/${act}`, { reason: '試験のため' })).status, 200);
    }
    assert.equal((await proxy.ask(center, 'POST', `${target}/close`, { reason: '試験のため' }, { 'if-match': shown.headers.etag })).status, 412);
    const listed = await proxy.ask(center, 'GET', '/organizations?limit=1&kind=facility');
    assert.equal(listed.json.organizations[0].id, made.json.id);
    assert.equal((await proxy.ask(center, 'GET', `${target}/report-schedule`)).status, 200);
    return made.json.id;
}

async function walk_accounts(proxy, { center }, facility) {
    const issued = await proxy.ask(center, 'POST', '/accounts', { organization_id: facility, family_name: '髙橋', family_kana: 'タカハシ', handover: 'by_letter' });
    assert.equal(issued.status, 201, issued.text);
    assert.equal(issued.json.initial_password, undefined, 'it is made when the letter is printed');
    const target = `/accounts/${issued.json.account.id}`;
    const letter = await proxy.ask(center, 'POST', `${target}/letter`, {});
    assert.equal(letter.status, 200, letter.text.slice(0, 300));
    assert.match(letter.text, /^%PDF/);
    const shown = await proxy.ask(center, 'GET', target);
    const renamed = await proxy.ask(center, 'PATCH', target, { given_name: '𠮷子' }, { 'if-match': shown.headers.etag });
    assert.equal(renamed.status, 200, renamed.text);
    assert.equal((await proxy.ask(center, 'PATCH', target, { given_name: '芳子' }, { 'if-match': shown.headers.etag })).status, 412);
    for (const act of ['suspend', 'resume', 'reset-password']) {
        const done = await proxy.ask(center, 'POST', `${target}/${act}`, { reason: '試験のため' });
        assert.equal(done.status, 200, `${act}: ${done.text}`);
    }
    assert.equal((await proxy.ask(center, 'POST', `${target}/close`, { reason: '試験のため' }, { 'if-match': shown.headers.etag })).status, 412);
    assert.ok((await proxy.ask(center, 'GET', `${target}/history?limit=2`)).json.next_cursor);
    assert.equal((await proxy.ask(center, 'GET', `/accounts/${issued.json.account.login_id}`)).status, 200);
    for (const list of ['/accounts?q=タカハシ', '/accounts/slowed', `/grants?account=${issued.json.account.id}`, '/grants/review?show=all', '/requests?state=all',
        '/applications', '/audit?limit=3', '/me', '/me/security', '/me/sessions', '/me/activity', '/completeness', '/daily-figures?from=2026-05-01&to=2026-05-07']) {
        const answer = await proxy.ask(center, 'GET', encodeURI(list));
        assert.equal(answer.status, 200, `${list}: ${answer.text}`);
    }
    return issued.json.account;
}

async function walk_batches(proxy, { center }) {
    const people = (count, from) => Array.from({ length: count }, (_, index) => ({ institution_code: institution_code(1), family_name: `試験${from + index}`, given_name: '太郎' }));
    const whole = await proxy.ask(center, 'POST', '/account-batches', { name: '全件', atomic: true, rows: people(20, 0) });
    assert.equal(whole.status, 201, whole.text);
    assert.equal(whole.json.rows.issued, 20);
    assert.equal(whole.json.state, 'done');
    const none = await proxy.ask(center, 'POST', '/account-batches', { atomic: true, rows: [...people(1, 100), { institution_code: '9999999999', family_name: '誤り' }, ...people(1, 0)] });
    assert.equal(none.status, 400);
    assert.deepEqual(none.json.errors.map(({ field }) => field), ['rows[1].institution_code', 'rows[2].family_name']);
    assert.equal((await proxy.ask(center, 'GET', encodeURI('/accounts?q=試験100'))).json.accounts.length, 0, 'none of them');
    const each = await proxy.ask(center, 'POST', '/account-batches', { name: '行ごと', rows: [...people(30, 10), { institution_code: '9999999999', family_name: '誤り' }] });
    assert.equal(each.status, 202, each.text);
    const target = each.headers.location.replace('/api/v1', '');
    const done = await until('the batch', 30_000, async () => {
        const view = (await proxy.ask(center, 'GET', target)).json;
        return view.state === 'done' && view;
    }, 200);
    assert.deepEqual([done.rows.issued, done.rows.known, done.rows.bad], [20, 10, 1]);
    const first = await proxy.ask(center, 'GET', `${target}/rows?limit=25`);
    const rest = await proxy.ask(center, 'GET', `${target}/rows?limit=25&cursor=${first.json.next_cursor}`);
    assert.equal(rest.json.next_cursor, null);
    const rows = [...first.json.rows, ...rest.json.rows];
    assert.equal(rows.length, 31);
    assert.equal(rows.filter(({ state, account }) => state === 'issued' && account.login_id).length, 20);
    assert.equal((await proxy.ask(center, 'POST', `${target}/stop`, undefined)).status, 409, 'it is done');
    const many = await proxy.ask(center, 'POST', '/account-batches', { check_only: true, rows: people(3000, 1000) });
    assert.equal(many.status, 202, `more than a form may hold: ${many.text}`);
    const checked = await proxy.ask(center, 'POST', '/account-batches', { check_only: true, rows: people(2, 200) });
    assert.equal(checked.json.state, 'checked');
    const waiting = checked.headers.location.replace('/api/v1', '');
    assert.equal((await proxy.ask(center, 'POST', `${waiting}/drop`, undefined, { 'if-match': '"another"' })).status, 412);
    assert.equal((await proxy.ask(center, 'POST', `${waiting}/drop`, undefined, { 'if-match': checked.headers.etag })).json.state, 'dropped');
    assert.ok((await proxy.ask(center, 'GET', '/account-batches?limit=1')).json.next_cursor);
}

async function walk_roles(proxy, { prefecture, center, center_id }, account) {
    const [held] = (await proxy.ask(center, 'GET', `/grants?account=${account.id}`)).json.grants;
    assert.equal((await proxy.ask(center, 'POST', `/grants/${held.id}/confirm`, undefined)).status, 200);
    const role = { account: account.id, organization_id: account.organization.id, role: held.role, reason: '試験のため', until: '2099-12-31' };
    assert.equal((await proxy.ask(center, 'POST', '/grants', role)).status, 409, 'it is held already');
    assert.equal((await proxy.ask(center, 'POST', `/grants/${held.id}/revoke`, { reason: '試験のため' })).json.state, 'revoked');
    assert.equal((await proxy.ask(center, 'POST', '/grants', { ...role, dry_run: true })).status, 200);
    assert.equal((await proxy.ask(center, 'POST', '/grants', role)).status, 201);
    const second = await proxy.ask(prefecture, 'POST', '/grants', { account: center.account.id, organization_id: center_id, role: 'health_center_admin', reason: '二人目' });
    assert.ok([202, 409].includes(second.status), second.text);
}

// --- scripts ---

const kFile = (center_id) => `
organizations:
  - kind: facility
    parent: "${center_id}"
    name: うみねこ医院
    institution_code: "${institution_code(2)}"
    phone: 03-0000-2001
accounts:
  - organization: "${institution_code(2)}"
    family_name: 海野
    given_name: 渚
    roles: [facility_staff]
`;

/** Runs madoguchi-admin as a script does: its token in the environment, the file on standard input. */
function run_admin(product, token, words, input) {
    return new Promise((resolve) => {
        const child = spawn(kAdmin, [...words, '--server', `http://127.0.0.1:${product.server.interactive}`, '--lang', 'en'],
            { env: { ...process.env, MADOGUCHI_TOKEN: token, HOME: product.directory }, stdio: 'pipe' });
        let output = '', problem = '';
        child.stdout.on('data', (chunk) => { output += chunk; });
        child.stderr.on('data', (chunk) => { problem += chunk; });
        child.on('close', (status) => resolve({ status, output, problem }));
        child.stdin.end(input);
    });
}

async function apply_files(product, proxy, { center, center_id }) {
    const make = () => proxy.ask(center, 'POST', '/tokens', {
        name: '登録簿', organization_id: center_id, scopes: ['organizations:write', 'accounts:write', 'roles:write'], expires_at: new Date(Date.now() + 86_400_000 * 30).toISOString().slice(0, 10),
    });
    assert.equal((await make()).status, 403, 'who asks has to prove it');
    await confirm(product, proxy, center);
    const made = await make();
    assert.equal(made.status, 201, made.text);
    const apply = (file, ...words) => run_admin(product, made.json.token, ['apply', '-', ...words], file);
    const expect = async (status, pattern, file, ...words) => {
        const done = await apply(file, ...words);
        assert.equal(done.status, status, `${words.join(' ')}: ${done.status} ${done.output} ${done.problem}`);
        assert.match(done.output + done.problem, pattern);
    };
    const file = kFile(center_id);
    await expect(2, /\+ create_organization {2}うみねこ医院[\s\S]*\+ issue_account {2}海野 渚[\s\S]*2 new/, file, '--check');
    await expect(9, /--yes/, file);
    await expect(0, /Done: 2 steps/, file, '--yes');
    await expect(0, /Nothing to do/, file, '--check');
    const changed = file.replace('2001', '2002').replace('[facility_staff]', '[]');
    await expect(2, /~ edit_organization[\s\S]*phone: 03-0000-2001 -> 03-0000-2002[\s\S]*- take_role[\s\S]*role: facility_staff/, changed, '--check');
    await expect(0, /Done/, changed, '--yes');
    await expect(0, /Nothing to do/, changed, '--check');
    await expect(3, /line 3/, 'organizations:\n  - name: x\n    nmae: y\n', '--yes');
    const json = await apply(file, '--dry-run', '--output', 'json');
    assert.deepEqual(JSON.parse(json.output).steps.map(({ step }) => step), ['edit_organization', 'give_role']);
    assert.equal((await proxy.ask(center, 'POST', `/tokens/${made.json.id}/revoke`, undefined)).status, 200);
    await expect(4, /token/, file, '--check');
}

async function use_tokens(product, proxy, { ministry, prefecture, center, center_id }, facility) {
    const make = (by, more = {}) => proxy.ask(by, 'POST', '/tokens', {
        name: `夜間連携 ${Math.random()}`, organization_id: center_id, scopes: ['directory:read'], expires_at: new Date(Date.now() + 86_400_000 * 30).toISOString().slice(0, 10), ...more,
    });
    const made = await make(center);
    assert.equal(made.status, 201, made.text);
    const script = product.api_client();
    script.token = made.json.token;
    const me = await proxy.ask(script, 'GET', '/me');
    assert.equal(me.json.token.id, made.json.id);
    assert.deepEqual(me.json.permissions, ['read_directory']);
    assert.equal((await proxy.ask(script, 'GET', `/organizations/${facility}`)).status, 200);
    const refused = await proxy.ask(script, 'POST', '/accounts', { organization_id: facility, family_name: '余計' });
    assert.equal(refused.status, 403, refused.text);
    for (const [method, target, body] of [['GET', '/tokens'], ['POST', '/tokens', { name: 'x', organization_id: center_id, scopes: ['directory:read'], expires_at: '2099-01-01' }], ['GET', '/me/security'], ['POST', '/sign-out']]) {
        assert.equal((await proxy.ask(script, method, target, body)).status, 401, `${target} is for people`);
    }
    const shown = await proxy.ask(center, 'GET', `/tokens/${made.json.id}`);
    assert.ok(shown.json.last_used_at);
    assert.equal(shown.json.token, undefined);
    assert.equal((await proxy.ask(center, 'POST', `/tokens/${made.json.id}/revoke`, undefined)).json.state, 'revoked');
    assert.equal((await proxy.ask(script, 'GET', '/me')).status, 401, 'at once');
    const elsewhere = product.api_client();
    elsewhere.token = (await make(center, { sources: ['203.0.113.0/24'] })).json.token;
    assert.equal((await proxy.ask(elsewhere, 'GET', '/me')).status, 403, 'from another address');
    const dying = product.api_client();
    dying.token = (await make(center, { scopes: ['accounts:write'] })).json.token;
    assert.equal((await proxy.ask(dying, 'POST', '/accounts', { organization_id: facility, family_name: '連携' })).status, 201);
    assert.equal((await proxy.ask(prefecture, 'POST', `/accounts/${center.account.id}/suspend`, { reason: '試験のため' })).status, 200);
    assert.equal((await proxy.ask(dying, 'GET', '/me')).status, 401, 'with its maker');
    assert.ok((await proxy.ask(ministry, 'GET', '/tokens?limit=1')).json.next_cursor);
}

async function repeat_requests(proxy, { center }, facility) {
    const body = { organization_id: facility, family_name: '繰返' };
    const key = { 'idempotency-key': 'nightly-2026-12-01-0001' };
    const first = await proxy.ask(center, 'POST', '/accounts', body, key);
    const again = await proxy.ask(center, 'POST', '/accounts', body, key);
    assert.equal(first.status, 201, first.text);
    assert.equal(again.text, first.text);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(again.headers.location, first.headers.location);
    assert.equal((await proxy.ask(center, 'POST', '/accounts', { ...body, family_name: '別人' }, key)).status, 422);
    assert.equal((await proxy.ask(center, 'GET', encodeURI('/accounts?q=繰返'))).json.accounts.length, 1);
    const same = await Promise.all(Array.from({ length: 12 }, () => proxy.ask(center, 'POST', '/accounts', { ...body, family_name: '同時' }, { 'idempotency-key': 'at-once' })));
    assert.ok(same.every(({ status }) => status === 201 || status === 409), JSON.stringify(same.map(({ status }) => status)));
    assert.equal((await proxy.ask(center, 'GET', encodeURI('/accounts?q=同時'))).json.accounts.length, 1);
}

// --- what is no good ---

/** Every path with something that could stand there. */
function filled(document) {
    return Object.entries(document.paths).map(([target, item]) => {
        const acts = Object.fromEntries((item.parameters ?? []).filter(({ schema }) => schema?.enum).map(({ name, schema }) => [name, schema.enum[0]]));
        return [target.replaceAll(/\{([^}]*)\}/g, (_, name) => acts[name] ?? '1'), item];
    });
}

async function send_rubbish(product, document, { center }) {
    const posts = filled(document).filter(([, item]) => item.post?.requestBody).map(([target]) => target);
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    for (const target of posts) {
        const wrong = [['{', 400], ['', 400], ['[]', 400], ['"text"', 400], ['{"a":1,"a":2}', 400], ['{"reason":1e999}', 400], ['\xff\xfe', 400], [deep.slice(0, 60_000), 400], ['{"no_such_field":true}', 400]];
        for (const [body, status] of wrong) {
            const answer = await raw(product, center, 'POST', target, Buffer.from(body, 'latin1'));
            // An act that does not exist, or a sign-in that began nowhere, may be told first.
            assert.ok([status, 401, 403, 404, 428].includes(answer.status), `${target} ${body.slice(0, 30)}: ${answer.status} ${answer.text}`);
            is_problem(answer, answer.status, `${target} ${body.slice(0, 30)}`);
        }
        is_problem(await raw(product, center, 'POST', target, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415, target);
        is_problem(await raw(product, center, 'POST', target, '{}', { 'content-type': 'application/json; charset=shift_jis' }), 415, target);
    }
    for (const [target] of filled(document).filter(([, item]) => !item.delete)) {
        const answer = await raw(product, center, 'DELETE', target);
        is_problem(answer, 405, `DELETE ${target}`);
        assert.ok(answer.headers.allow, target);
    }
    is_problem(await raw(product, center, 'POST', '/accounts', `{"family_name":"${'あ'.repeat(40_000)}"}`), 413, 'oversized');
    for (const query of ['limit=0', 'limit=501', 'limit=x', 'cursor=-1', 'cursor=99999999999999999999', 'state=asleep', 'colour=blue']) {
        const answer = await raw(product, center, 'GET', `/accounts?${query}`);
        is_problem(answer, 400, query);
        assert.equal(answer.json.errors[0].field, query.split('=')[0]);
    }
    for (const target of ['/completeness?days=x', '/completeness?cursor=x', '/completeness?colour=blue', '/events?colour=blue', '/events?after=x', '/events?limit=0']) {
        is_problem(await raw(product, center, 'GET', target), 400, target);
    }
    is_problem(await raw(product, center, 'GET', '/no-such-thing'), 404, 'unknown path');
    is_problem(await raw(product, center, 'PATCH', `/organizations/${center.account.organization.id}`, '{}'), 428, 'no If-Match');
    is_problem(await raw(product, product.api_client(), 'GET', '/accounts'), 401, 'nobody');
    for (const bad of ['mdg_' + 'a'.repeat(43), 'mdg_', 'a'.repeat(5000), '\'; drop table accounts; --']) {
        is_problem(await raw(product, { base: center.base, token: bad }, 'GET', '/accounts'), 401, bad.slice(0, 20));
    }
}

await main('api', 1, async (product) => {
    await product.server.start();
    const answer = await send({ server: product.server, method: 'GET', path: '/api/v1/openapi.json' });
    assert.equal(answer.status, 200);
    const document = JSON.parse(answer.text);
    await check('the document is clean', async () => {
        const file = path.join(product.directory, 'served.json');
        await writeFile(file, answer.text);
        await run_file(path.join(kTools, 'redocly'), ['lint', '--config', path.join(kHere, 'redocly.yaml'), file], { env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } })
            .catch((error) => assert.fail(error.stdout + error.stderr));
        return `${Object.keys(document.paths).length} paths`;
    });
    const proxy = await Proxy.start(product, document);
    try {
        let country, facility, account;
        await check('people sign in and build a country', async () => { country = await build_country(product, proxy); });
        await check('organizations', async () => { facility = await walk_organizations(proxy, country); });
        await check('accounts, and every list', async () => { account = await walk_accounts(proxy, country, facility); });
        await check('thousands at once', () => walk_batches(proxy, country));
        await check('roles', () => walk_roles(proxy, country, account));
        await check('the same request again', () => repeat_requests(proxy, country, facility));
        await check('what is no good is refused with the right status', () => send_rubbish(product, document, country));
        await check('the command line makes it what a file says', () => apply_files(product, proxy, country));
        await check('tokens of scripts', async () => { await use_tokens(product, proxy, country, facility); return `${proxy.asked} requests went by the document`; });
    } finally {
        proxy.child.kill();
    }
});
