// madoguchi-admin as a script and as a person at a shell have it: each group of commands against a server, with exit codes, pipes, files,
// and what goes to standard error.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { check, fresh_step, main, totp_code } from '../fault/product.mjs';
import { Asker, build_country, confirm, institution_code, staff } from './country.mjs';

const kAdmin = process.env.MADOGUCHI_ADMIN ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../../build/release/madoguchi-admin');
const kNone = '0,0,0,0,0,0,0,0,0,0,0,0,0,0';

/** Somebody's shell: their token in the environment. */
class Shell {
    constructor(product, client) { Object.assign(this, { product, client }); }

    run(words, { input = '', status = 0, token = this.client.token } = {}) {
        return new Promise((resolve, reject) => {
            const child = spawn(kAdmin, [...words, '--server', `http://127.0.0.1:${this.product.server.interactive}`, '--lang', 'en'],
                { env: { ...process.env, MADOGUCHI_SERVER: '', MADOGUCHI_TOKEN: token, HOME: this.product.directory }, cwd: this.product.directory, stdio: 'pipe' });
            const said = { output: '', problem: '' };
            child.stdout.on('data', (chunk) => { said.output += chunk; });
            child.stderr.on('data', (chunk) => { said.problem += chunk; });
            child.on('close', (code) => (code === status ? resolve(said) : reject(new assert.AssertionError({ message: `${words.join(' ')}: ${code} instead of ${status}\n${said.output}\n${said.problem}` }))));
            child.stdin.end(input);
        });
    }

    /** What it prints for programs. */
    async json(...words) {
        return JSON.parse((await this.run([...words, '--output', 'json'])).output);
    }
}

const japan_date = (product, days = 0) => new Date(product.now_ms() + 9 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10);
const figures = (said) => kNone.split(',').map((zero, index) => said[index] ?? zero).join(',');

async function organizations(product, shell, { center_id }) {
    const csv = ['parent_id,kind,name,kana,institution_code', ...Array.from({ length: 40 }, (_, index) => `${center_id},facility,なぎさ${index}医院,ナギサイイン,${institution_code(500 + index)}`)];
    await writeFile(path.join(product.directory, 'clinics.csv'), `\ufeff${csv.join('\r\n')}\r\n`);
    const dry = await shell.json('organization', 'import', 'clinics.csv', '--dry-run');
    assert.deepEqual([dry.state, dry.rows.ready], ['checked', 40]);
    await shell.run(['organization-import', 'drop', dry.id]);
    const made = await shell.json('organization', 'import', 'clinics.csv', '--name', '名簿');
    assert.deepEqual([made.state, made.rows.made, made.refused], ['done', 40, []]);
    const wrong = await shell.run(['organization', 'import', '-'], { input: `${csv[0]}\n${center_id},facility,誤り医院,アヤマリイイン,9999999999\n`, status: 3 });
    assert.match(wrong.output, /institution_code/);
    assert.match(wrong.problem, /1 of 1 rows were not taken in/);
    await shell.run(['organization', 'import', '-'], { input: 'name\nx,y\n', status: 3 });
    const none = await shell.run(['organization', 'import', 'clinics.csv', '--atomic'], { status: 3 });
    assert.match(none.problem, /rows\[0\]\.name/, 'they are there already');
    assert.equal((await shell.json('organization-import', 'show', made.id)).rows.made, 40);
    const rows = await shell.json('organization-import', 'rows', made.id, '--all');
    assert.equal(rows.rows.length, 40);
    assert.match((await shell.run(['organization-import', 'list'])).output, /名簿/);
    const [first, second] = rows.rows.map(({ organization_id }) => organization_id);
    assert.equal((await shell.json('organization', 'edit', first, '--phone', '03-0000-1043')).phone, '03-0000-1043');
    await shell.run(['organization', 'close', second, '--reason', '試験のため'], { status: 9 });
    assert.equal((await shell.json('organization', 'close', second, '--reason', '試験のため', '--yes')).state, 'closed');
    assert.equal((await shell.json('organization', 'reopen', second, '--reason', '試験のため')).state, 'active');
    await shell.run(['organization', 'move', second, '--parent', second, '--reason', '試験のため', '--yes'], { status: 5 }); // a prefecture's to do
    assert.deepEqual([(await shell.json('schedule', 'set', first, '--days', 'monday,friday')).monday, (await shell.json('schedule', 'show', first)).tuesday], [true, false]);
    await shell.run(['schedule', 'set', first, '--days', 'mondey'], { status: 1 });
    return rows.rows.map(({ organization_id }) => organization_id);
}

async function accounts(product, shell, places) {
    const people = JSON.stringify([{ institution_code: institution_code(500), family_name: '入江', given_name: '澄' }, { institution_code: institution_code(501), family_name: '浦', given_name: '歩' }]);
    await shell.run(['account', 'import', '-', '--format', 'json'], { status: 3 }); // nothing on standard input
    const issued = JSON.parse((await shell.run(['account', 'import', '-', '--format', 'json', '--output', 'json'], { input: people })).output);
    assert.deepEqual([issued.state, issued.rows.issued], ['done', 2]);
    const { rows } = await shell.json('batch', 'rows', issued.id);
    assert.match((await shell.run(['batch', 'show', issued.id])).output, /done/);
    assert.match((await shell.run(['batch', 'list', '--output', 'csv'])).output, /^id,name,state/);
    await shell.run(['batch', 'stop', issued.id], { status: 6 });
    await shell.run(['batch', 'letters', issued.id, '--to', 'letters.pdf', '--yes']);
    const letters = path.join(product.directory, 'letters.pdf');
    assert.match((await readFile(letters)).subarray(0, 5).toString(), /^%PDF-/);
    assert.equal(statSync(letters).mode & 0o777, 0o600, 'initial passwords stand in it');
    const again = await shell.run(['batch', 'letters', issued.id, '--to', 'letters.pdf', '--yes'], { status: 10 });
    assert.match(again.problem, /letters\.pdf/, 'nothing is written over');
    await shell.run(['batch', 'letters', issued.id, '--to', 'second.pdf', '--yes'], { status: 6 });
    await assert.rejects(readFile(path.join(product.directory, 'second.pdf')), 'no empty file stays');
    assert.equal((await shell.json('batch', 'links', issued.id, '--yes')).without_contact, 0, 'all are printed');

    const { id } = rows[0].account;
    assert.equal((await shell.json('account', 'rename', id, '--given-name', '清')).given_name, '清');
    assert.ok((await shell.json('account', 'history', id)).events.length >= 2);
    await shell.run(['account', 'letter', id, '--to', 'letter.pdf', '--printed-before', '1', '--yes']);
    assert.equal((await shell.json('contact', 'set', places[0], '--phone', '090-1234-5678')).phone.slice(-4), '5678');
    assert.match((await shell.run(['contact', 'show', places[0]])).output, /5678/);
    await shell.run(['link', 'send', id, '--yes'], { status: 6 }); // it was printed: said so first
    const sent = await shell.json('link', 'send', id, '--printed-before', '2', '--yes');
    assert.equal(sent.links.length, 1);
    assert.match((await shell.run(['link', 'list', id])).output, /5678/);
    await shell.run(['contact', 'remove', places[0], '--yes']);
    assert.match((await shell.run(['unused', 'list'])).problem, /Nothing found/);
    await shell.run(['unused', 'keep', id, '--reason', '試験のため'], { status: 5 });
    assert.ok((await shell.json('role', 'review', '--show', 'all')).grants.length >= 2);
    const [held] = (await shell.json('role', 'list', rows[0].account.login_id)).grants;
    assert.ok((await shell.json('role', 'confirm', held.id)).confirmed_at);
    assert.equal((await shell.json('application', 'list', '--state', 'open')).applications.length, 0);
    await shell.run(['application', 'show', '99'], { status: 5 });
    return id;
}

async function reports(product, shell, asker, { center }, places) {
    const today = japan_date(product);
    const clerk = new Shell(product, await staff(product, asker, center, places[5], 'facility_staff', '渚'));
    const bad = await clerk.run(['report', 'submit', '--date', today, '--figures', '1,2,3'], { status: 1 });
    assert.match(bad.problem, /14 whole numbers/);
    await clerk.run(['report', 'submit', '--date', today, '--figures', figures({ 3: -1 })], { status: 1 });
    const words = ['report', 'submit', '--date', today, '--figures', figures({ 3: 2 }), '--adjust-date', japan_date(product, 1), '--adjust-figures', figures({ 4: 1 }), '--adjust-reason', '報告漏れ'];
    assert.equal((await clerk.json(...words, '--dry-run')).total, 2);
    assert.equal((await clerk.json('report', 'list')).reports.length, 0, 'a dry run');
    const sent = await clerk.json(...words);
    assert.match(sent.receipt_number, /^\d{8}-\d{6}$/);
    const second = await clerk.run(words, { status: 6 });
    assert.match(second.problem, new RegExp(sent.receipt_number), 'which report was first');
    const day = await clerk.json('report', 'show', today);
    assert.deepEqual([day.total, day.adjustments[0].age_20], [2, 1]);
    assert.equal((await clerk.json('report', 'correct', today, '--seen', '1', '--figures', figures({ 3: 3 }), '--reason', '入力誤り')).version, 2);
    assert.equal((await clerk.json('report', 'drafts')).drafts.length, 0);

    const csv = `institution_code,report_date,kind,${'age_0'}\n${institution_code(506)},${today},closed,\n${institution_code(507)},${today},zero,\n${institution_code(508)},${today},figures,1\n`;
    const imported = await shell.run(['report', 'import', '-', '--output', 'json'], { input: csv, status: 3 });
    const view = JSON.parse(imported.output);
    assert.deepEqual([view.rows.made, view.rows.left_out], [2, 1], 'figures have fourteen bands');
    assert.ok(view.refused.length > 0 && view.refused.every(({ row }) => row === 3));
    assert.equal((await shell.json('report-import', 'rows', view.id)).rows[0].state, 'made');
    assert.equal((await shell.json('report-import', 'show', view.id)).id, view.id);
    assert.ok((await shell.json('report-import', 'list')).imports.length > 0);

    const received = await shell.json('received', 'register', '--organization', places[10], '--date', today, '--by', 'fax', '--at', '1m');
    const doubtful = await shell.run(['received', 'report', received.id, '--seen', '1', '--figures', figures({ 5: 20000 })], { status: 3 });
    assert.match(doubtful.problem, /20,000|again/);
    const now = await shell.json('received', 'show', received.id);
    const typed = await shell.json('received', 'report', received.id, '--seen', String(now.version), '--figures', figures({ 5: 20000 }), '--accept-warnings');
    assert.equal(typed.total, 20000);
    const paper = await shell.json('received', 'register', '--organization', places[6], '--date', today, '--by', 'mail', '--at', '1m', '--note', '封書');
    assert.equal((await shell.json('received', 'correct', paper.id, '--seen', '1', '--seen-report', '1', '--figures', figures({ 1: 1 }), '--reason', '封書の数が正しい')).version, 2);
    const third = await shell.json('received', 'register', '--organization', places[7], '--date', today, '--by', 'phone', '--at', '1m');
    assert.equal((await shell.json('received', 'finish', third.id, '--state', 'same')).state, 'same');
    assert.equal((await shell.json('received', 'list', '--state', 'finished')).received_reports.length, 3);

    const [unusual] = (await shell.json('report', 'unusual')).reports;
    assert.equal((await shell.json('report', 'review', unusual.id, '--state', 'asked', '--note', '桁は合っていますか')).review_state, 'asked');
    assert.match((await shell.run(['report', 'export', '--from', today, '--output', 'csv'])).output, /institution_code/);
    assert.equal((await shell.json('report', 'export', '--from', today, '--as-of', '1h')).reports.length, 0, 'an hour ago');
    assert.ok((await shell.json('report', 'completeness', '--days', '7')).organizations.length > 0);
    assert.equal((await shell.json('report', 'figures', '--from', today, '--to', today)).days.length, 1);
    await shell.run(['report', 'remind', places[20], '--yes'], { status: 6 }); // nobody there could be told
}

async function the_rest(product, asker, shell, { ministry, prefecture, center, center_id }) {
    const events = await shell.json('event', 'list', '--count', '5');
    assert.equal(events.events.length, 5);
    const more = await shell.json('event', 'list', '--after', events.events[4].id, '--type', 'account.issued', '--organization', center_id);
    assert.ok(more.events.every(({ type }) => type === 'account.issued'));
    await confirm(product, asker, prefecture);
    const high = new Shell(product, prefecture);
    const made = await high.json('webhook', 'make', '--name', '人事連携', '--url', 'https://hooks.example.jp/madoguchi', '--organization', center_id, '--types', 'account.issued,account.closed');
    assert.ok(made.secret, JSON.stringify(made));
    assert.deepEqual((await high.json('webhook', 'show', made.id)).types, ['account.issued', 'account.closed']);
    assert.equal((await high.json('webhook', 'pause', made.id)).state, 'paused');
    assert.equal((await high.json('webhook', 'resume', made.id)).state, 'active');
    assert.notEqual((await high.json('webhook', 'secret', made.id, '--yes')).secret, made.secret);
    assert.deepEqual((await high.json('webhook', 'deliveries', made.id)).deliveries, []);
    assert.equal((await high.json('webhook', 'redeliver-dead', made.id)).redelivered, 0);
    await high.run(['webhook', 'redeliver', made.id, events.events[0].id], { status: 5 });
    await high.run(['webhook', 'remove', made.id], { status: 9 });
    await high.run(['webhook', 'remove', made.id, '--yes']);
    assert.equal((await high.json('webhook', 'list')).webhooks.length, 0);
    const late = await high.run(['token', 'make', '--name', '夜間', '--organization', center_id, '--scopes', 'directory:read', '--until', '2099-01-01'], { status: 3 });
    assert.match(late.problem, /expires_at/, 'within a year');

    const operator = new Shell(product, await staff(product, asker, ministry, product.helpdesk, 'helpdesk_operator', '案内'));
    const found = await operator.json('helpdesk', 'find', '--query', center.account.login_id);
    assert.equal(found.accounts[0].administrator, true);
    await operator.run(['helpdesk', 'open', '--account', found.accounts[0].id], { status: 5 });
    const { accounts: [clerk] } = await operator.json('helpdesk', 'find', '--query', 'なぎさ5医院');
    const opened = await operator.json('helpdesk', 'open', '--account', clerk.id);
    await operator.run(['helpdesk', 'check', opened.id, '--check', 'person', '--said', '別人']);
    assert.equal((await operator.json('helpdesk', 'show', opened.id)).checks.person.tries, 1);
    await operator.run(['helpdesk', 'finish', opened.id, '--end', 'unlock', '--yes'], { status: 6 });
    assert.equal((await operator.json('helpdesk', 'finish', opened.id, '--end', 'unverified', '--yes')).outcome, 'unverified');

    assert.equal((await shell.json('security', 'show')).second_steps.length, 1);
    assert.ok((await shell.json('security', 'activity')).events.length > 0);
    await confirm(product, asker, center);
    const [step] = (await shell.json('security', 'show')).second_steps;
    assert.equal((await shell.json('security', 'rename', step.id, '--name', '窓口の端末')).second_steps[0].name, '窓口の端末');
    await shell.run(['security', 'default', step.id]);
    await shell.run(['security', 'remove', step.id, '--yes'], { status: 6 }); // the last one
    assert.equal((await shell.json('security', 'recovery-codes', '--yes')).recovery_codes.length, 10);
}

// Password and codes by standard input, the token kept in a file.
async function at_a_shell(product, shell, { center, center_id }) {
    const { person } = center;
    const lines = async () => {
        await product.set_clock(product.offset_seconds + 60); // a code serves once
        const step = fresh_step(product, person);
        person.used_step = step;
        return `${person.password}\n${totp_code(person.key, step)}\n`;
    };
    const by_hand = { token: '' };
    await shell.run(['me'], { ...by_hand, status: 4 });
    await shell.run(['sign-in', person.login_id, '--password-stdin', '--code-stdin', '--method', 'totp'], { ...by_hand, input: await lines() });
    const words = ['token', 'make', '--name', '夜間連携', '--organization', center_id, '--scopes', 'directory:read,reports:read', '--until', japan_date(product, -30)];
    assert.match((await shell.run(words, { ...by_hand, status: 5 })).problem, /Run: madoguchi-admin prove/);
    await shell.run(['prove', '--password-stdin', '--code-stdin'], { ...by_hand, input: await lines() });
    const made = JSON.parse((await shell.run([...words, '--output', 'json'], by_hand)).output);
    assert.deepEqual(made.scopes, ['directory:read', 'reports:read']);
    assert.equal(JSON.parse((await shell.run(['me', '--output', 'json'], { token: made.token })).output).token.id, made.id);
    await shell.run(['report', 'export'], { token: made.token });
    await shell.run(['report', 'submit', '--date', japan_date(product), '--kind', 'zero'], { token: made.token, status: 5 });
    assert.match((await shell.run(['token', 'show', made.id], by_hand)).output, /夜間連携/);
    await shell.run(['token', 'revoke', made.id, '--yes'], by_hand);
    await shell.run(['me'], { token: made.token, status: 4 });
    await shell.run(['sign-out'], by_hand);
    await shell.run(['me'], { ...by_hand, status: 4 });
}

async function pipes(shell) {
    const all = await shell.run(['account', 'list', '--all', '--output', 'json']);
    assert.equal(all.problem, '', 'nothing beside the result');
    await shell.run(['organization', 'edit', '1', '--phone', 'x', '--dry-run'], { status: 1 }); // it has no dry run
    const help = await shell.run(['report', '--help']);
    assert.match(help.output, /report submit/);
    await shell.run(['report'], { status: 1 });
    const head = spawn('sh', ['-c', `"${kAdmin}" event list --output json --server http://127.0.0.1:${shell.product.server.interactive} | head -c 10`], { env: { ...process.env, MADOGUCHI_TOKEN: shell.client.token, HOME: shell.product.directory } });
    const problem = [];
    head.stderr.on('data', (chunk) => problem.push(chunk));
    await new Promise((resolve) => head.on('close', resolve));
    assert.equal(problem.join(''), '', 'a reader that leaves is no mistake');
}

await main('cli', 1, async (product) => {
    await product.server.start();
    const asker = new Asker(product, '/api/v1', 'application/json');
    let country, places, shell;
    await check('a country', async () => {
        country = await build_country(product, asker);
        shell = new Shell(product, country.center);
    });
    await check('organizations', async () => { places = await organizations(product, shell, country); });
    await check('accounts, letters, links, roles', async () => { await accounts(product, shell, places); });
    await check('reports', () => reports(product, shell, asker, country, places));
    await check('events, webhooks, callers, oneself', () => the_rest(product, asker, shell, country));
    await check('by hand: sign-in, proof, a token', () => at_a_shell(product, shell, country));
    await check('pipes', () => pipes(shell));
}, { 'reports.corrections': 'retroactive' });
