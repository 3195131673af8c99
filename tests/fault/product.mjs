// A throwaway product for fault tests: a PostgreSQL that may be stopped and killed, one or two server processes without nginx,
// and clients that speak to them as nginx would. Nothing but Node.js and the scripts of tests/support.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run_file = promisify(execFile);
const kRepository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const kCluster = path.join(kRepository, 'tests/support/cluster');
const kServer = process.env.MADOGUCHI_SERVER ?? path.join(kRepository, 'build/release/madoguchi-server');
const kHashing = new Set(['/sign-in/password', '/sign-in/new-password', '/api/v1/sign-in']); // as nginx sends them
const kSteps = /^\/(api\/v1\/)?sign-in(\/|$)/; // what else is posted there
const kRequestMs = 30_000;
export const kMayDump = process.getuid() === 0 ? ['prlimit', '--core=unlimited:unlimited'] : [];
const kStepSeconds = 30; // of TOTP, RFC 6238

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls until `attempt` gives something true. */
export async function until(what, wait_ms, attempt, pause_ms = 20) {
    const deadline = Date.now() + wait_ms;
    for (;;) {
        const found = await attempt();
        if (found) {
            return found;
        }
        assert.ok(Date.now() < deadline, `waited ${wait_ms} ms for ${what}`);
        await sleep(pause_ms);
    }
}

/** Runs `work(item, index)` for all, `width` at a time; results in order. */
export async function in_parallel(items, width, work) {
    const results = new Array(items.length);
    let next = 0;
    const lane = async () => {
        while (next < items.length) {
            const index = next++;
            results[index] = await work(items[index], index);
        }
    };
    await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
    return results;
}

export const numbers = (count) => Array.from({ length: count }, (_, index) => index);

// Below the range from which the kernel takes ports of outgoing connections, so that a restart finds its port free.
const given_ports = new Set(); // free as long as no server has started there: not to be given twice

async function free_port() {
    for (;;) {
        const port = 20_000 + crypto.randomInt(12_000);
        if (given_ports.has(port)) {
            continue;
        }
        const free = await new Promise((resolve) => {
            const probe = net.createServer().once('error', () => resolve(false));
            probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
        });
        if (free) {
            given_ports.add(port);
            return port;
        }
    }
}

// --- codes ---

function from_base32(text) {
    let bits = '';
    for (const letter of text.replace(/\s/g, '')) {
        bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
    }
    return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

export const totp_step = (at_ms) => Math.floor(at_ms / 1000 / kStepSeconds);

/** The code of an authenticator app with this key (base32) for one step, by RFC 4226. */
export function totp_code(key, step) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const digest = crypto.createHmac('sha1', from_base32(key)).update(counter).digest();
    const place = digest[19] & 0xf;
    return String((digest.readUInt32BE(place) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Six digits that are right at none of the steps around `step`. */
export function wrong_code(key, step, salt) {
    const right = new Set(numbers(9).map((offset) => totp_code(key, step + offset - 4)));
    for (let guess = salt; ; ++guess) {
        const code = String(guess % 1_000_000).padStart(6, '0');
        if (!right.has(code)) {
            return code;
        }
    }
}

// --- the servers ---

class ServerProcess {
    constructor(product, number) {
        this.product = product;
        this.number = number;
        this.child = undefined;
    }

    async configure() {
        const { directory, socket, database } = this.product;
        this.interactive = await free_port();
        this.hashing = await free_port();
        this.steps = await free_port();
        this.files = await free_port();
        this.config = path.join(directory, `server-${this.number}.conf`);
        const lines = {
            mode: 'development',
            origin: `https://localhost:${this.interactive}`,
            'listen.interactive': `127.0.0.1:${this.interactive}`,
            'listen.hashing': `127.0.0.1:${this.hashing}`,
            'listen.steps': `127.0.0.1:${this.steps}`,
            'listen.files': `127.0.0.1:${this.files}`,
            'edge.secret-file': path.join(directory, 'edge.secret'),
            'database.url': `postgresql:///${database}?host=${socket}`,
            'database.user': 'madoguchi_service',
            'database.migration-user': 'madoguchi_owner',
            'keys.directory': path.join(directory, 'keys'),
            'templates.directory': path.join(kRepository, 'templates'),
            'migrations.directory': path.join(kRepository, 'migrations'),
            'audit.head-file': path.join(directory, `audit-head-${this.number}`),
            'gateway.kind': 'development-inbox',
            'log.level': 'warning',
            'development.clock-offset-file': path.join(directory, 'clock-offset'),
            ...this.product.settings,
        };
        await writeFile(this.config, Object.entries(lines).map(([key, value]) => `${key} = ${value}\n`).join(''));
    }

    /** Runs another command of the server program; its standard output. */
    async command(...words) {
        const { stdout } = await run_file(kServer, [...words, '--config', this.config]);
        return stdout;
    }

    // With its parent gone a server has nobody to stop it, so the kernel ends it then. Core files, if it left any, would lie
    // in the product's directory.
    spawn() {
        const log = openSync(path.join(this.product.directory, `server-${this.number}.log`), 'a');
        this.child = spawn('setpriv', ['--pdeathsig', 'KILL', ...kMayDump, kServer, 'serve', '--config', this.config], {
            stdio: ['ignore', log, log],
            cwd: this.product.directory,
        });
        closeSync(log);
        this.ended = new Promise((resolve) => this.child.once('exit', (status, signal) => resolve({ status, signal })));
    }

    async start() {
        this.spawn();
        await this.ready();
    }

    async ready(wait_ms = 30_000) {
        const asked = { method: 'GET', path: '/readyz', server: this };
        await until('the server', wait_ms, async () => {
            assert.equal(this.child.exitCode, null, `the server ended: ${this.product.log(this.number)}`);
            return (await send(asked).catch(() => ({ status: 0 }))).status === 200;
        });
    }

    async kill() {
        this.child.kill('SIGKILL');
        await this.ended;
    }

    /** A graceful stop; how it ended. */
    async stop() {
        this.child.kill('SIGTERM');
        return this.ended;
    }
}

/** One request, one connection, no redirects. Rejects when no whole answer came. */
export function port_of(server, method, target) {
    if (method !== 'POST') {
        return server.interactive;
    }
    return kHashing.has(target) ? server.hashing : kSteps.test(target) ? server.steps : server.interactive;
}

export function send({ server, method, path: target, headers = {}, body = '', timeout_ms = kRequestMs }) {
    return new Promise((resolve, reject) => {
        const port = port_of(server, method, target);
        const length = body === '' && method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body) };
        const options = { host: '127.0.0.1', port, method, path: target, agent: false, headers: { ...headers, ...length } };
        const request = http.request(options, (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('error', reject);
            response.on('aborted', () => reject(new Error('the answer was cut')));
            response.on('end', () => {
                if (!response.complete) {
                    reject(new Error('the answer was cut'));
                    return;
                }
                const text = Buffer.concat(chunks).toString('utf8');
                resolve({ status: response.statusCode, headers: response.headers, text });
            });
        });
        request.setTimeout(timeout_ms, () => request.destroy(new Error(`no answer within ${timeout_ms} ms`)));
        request.on('error', (error) => reject(Object.assign(new Error(`${method} ${target}: ${error.message}`), { code: error.code })));
        request.end(body);
    });
}

export class Product {
    /** A database of its own, `servers` configured (with `settings` over the usual ones) and not started, migrated, with a first
     *  administrator's letter in `letter`. */
    static async make(name, servers = 1, settings = {}) {
        assert.ok(existsSync(kServer), `no server at ${kServer}: build it, or name it in MADOGUCHI_SERVER`);
        const product = new Product();
        product.directory = await mkdtemp(path.join(tmpdir(), 'madoguchi-fault-'));
        await chmod(product.directory, 0o755); // the user of PostgreSQL passes through
        product.database = `fault_${name}`;
        product.settings = settings;
        product.offset_seconds = 0;
        product.last_source = 0;
        product.last_password = 0;
        await product.open_cluster();
        await mkdir(path.join(product.directory, 'keys'), { mode: 0o700 });
        product.edge_secret = crypto.randomBytes(24).toString('hex');
        await writeFile(path.join(product.directory, 'edge.secret'), product.edge_secret, { mode: 0o600 });
        await product.set_clock(0);
        product.servers = numbers(servers).map((number) => new ServerProcess(product, number));
        for (const server of product.servers) {
            await server.configure();
        }
        await product.servers[0].command('generate-keys');
        await product.servers[0].command('migrate');
        const printed = await product.servers[0].command('bootstrap');
        product.letter = {
            login_id: printed.match(/^login-id: (.*)$/m)[1],
            password: printed.match(/^initial-password: (.*)$/m)[1],
        };
        return product;
    }

    get server() {
        return this.servers[0];
    }

    async open_cluster() {
        this.own_cluster = !process.env.MADOGUCHI_FAULT_CLUSTER;
        this.cluster = process.env.MADOGUCHI_FAULT_CLUSTER ?? path.join(this.directory, 'cluster');
        this.socket = path.join(this.cluster, 'socket');
        if (this.own_cluster) {
            await run_file(kCluster, ['start', this.cluster]);
        } else if (!(await this.database_answers())) {
            await this.resume_database(); // the test before us failed in the middle
        }
        await this.psql('postgres', `drop database if exists ${this.database} with (force)`);
        await this.psql('postgres', `create database ${this.database} owner madoguchi_owner`);
        // The throwaway cluster commits lazily. What these tests kill must not lose what it acknowledged.
        await this.psql('postgres', `alter database ${this.database} set synchronous_commit = on`);
    }

    async close() {
        for (const server of this.servers ?? []) {
            if (server.child && server.child.exitCode === null && server.child.signalCode === null) {
                await server.kill();
            }
        }
        if (this.own_cluster) {
            await run_file(kCluster, ['stop', this.cluster]);
        }
        await rm(this.directory, { recursive: true, force: true });
    }

    log(number = 0) {
        return readFileSync(path.join(this.directory, `server-${number}.log`), 'utf8').split('\n').slice(-15).join('\n');
    }

    // --- the clock that servers and clients share ---

    now_ms() {
        return Date.now() + this.offset_seconds * 1000;
    }

    /** Replaced in one go: a server that reads half a file would jump back. */
    async set_clock(seconds) {
        const file = path.join(this.directory, 'clock-offset');
        await writeFile(`${file}.next`, `${seconds}\n`);
        await rename(`${file}.next`, file);
        this.offset_seconds = seconds;
    }

    // --- the database ---

    async psql(database, statement) {
        const words = ['-qXAt', '-h', this.socket, '-U', 'postgres', '-d', database, '-v', 'ON_ERROR_STOP=1', '-c', statement];
        const { stdout } = await run_file('psql', words, { maxBuffer: 64 * 1024 * 1024 });
        return stdout;
    }

    /** Rows of a query, past all policies. */
    async rows(query) {
        return JSON.parse(await this.psql(this.database, `select coalesce(json_agg(q), '[]') from (${query}) q`));
    }

    async count(query) {
        return Number((await this.rows(query))[0].count);
    }

    database_answers() {
        return this.psql('postgres', 'select 1').then(() => true, () => false);
    }

    postmaster() {
        return Number(readFileSync(path.join(this.cluster, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
    }

    /** SIGINT: fast shutdown; SIGQUIT: immediate shutdown; SIGKILL: what the kernel does when memory is short. */
    async signal_database(signal) {
        const postmaster = this.postmaster();
        process.kill(postmaster, signal);
        await until('the end of PostgreSQL', 30_000, () => !existsSync(`/proc/${postmaster}`));
    }

    /** Sends a signal to every process of PostgreSQL: SIGSTOP makes it hang, SIGCONT ends that. */
    signal_all_of_database(signal) {
        const postmaster = this.postmaster();
        for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
            let parent = 0;
            try {
                parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1]);
            } catch {
                continue; // it ended meanwhile
            }
            if (parent === postmaster || Number(name) === postmaster) {
                process.kill(Number(name), signal);
            }
        }
    }

    /** After SIGKILL orphaned backends may hold the shared memory for a moment, so it is tried again. */
    async resume_database() {
        await until('PostgreSQL', 30_000, () => run_file(kCluster, ['resume', this.cluster]).then(() => true, () => false), 200);
    }

    // --- clients ---

    /** An address nobody used before, so that throttles by source stay out of a test that is not about them. */
    fresh_source() {
        const number = ++this.last_source;
        return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
    }

    /** Good by all rules; it holds no part of any login ID. */
    fresh_password() {
        return `quiet harbour lights ${++this.last_password}`;
    }

    visitor(options) {
        return new Visitor(this, options);
    }

    api_client(options) {
        return new ApiClient(this, options);
    }

    /** Signs the first administrator in, makes a prefecture and a helpdesk; the client to issue accounts with. */
    async administrator() {
        this.admin = { login_id: this.letter.login_id, password: 'tall cedars near the river 7', used_step: 0 };
        const first = await this.visitor().first_sign_in({ ...this.letter, new_password: this.admin.password });
        this.admin.key = first.key;
        this.admin.used_step = first.step;
        const client = this.api_client();
        await client.sign_in(this.admin);
        const ministry = (await client.get('/api/v1/organizations?kind=ministry')).json.organizations[0].id;
        const make = async (body) => {
            const made = await client.post('/api/v1/organizations', { parent_id: ministry, ...body });
            assert.equal(made.status, 201, made.text);
            return made.json.id;
        };
        this.helpdesk = await make({ kind: 'helpdesk', name: '試験ヘルプデスク', phone: '0300004100' });
        this.prefecture = await make({ kind: 'prefecture', name: '東京都', local_government_code: '130001' });
        return client;
    }

    /** Issues an account of the helpdesk. */
    async issue(client, login_name) {
        const body = { organization_id: this.helpdesk, login_id: login_name, family_name: '試験', given_name: '太郎' };
        const issued = await client.post('/api/v1/accounts', body);
        assert.equal(issued.status, 201, issued.text);
        return { login_id: issued.json.account.login_id, password: issued.json.initial_password, id: issued.json.account.id };
    }

    /** Issues an account and takes it through its first sign-in with an authenticator app. */
    async ready_person(client, login_name) {
        const issued = await this.issue(client, login_name);
        const new_password = this.fresh_password();
        const first = await this.visitor().first_sign_in({ ...issued, new_password });
        return { ...issued, password: new_password, key: first.key, used_step: first.step };
    }
}

/** What nginx would add. */
function edge_headers(product, source, agent) {
    const headers = { 'x-madoguchi-edge': product.edge_secret, 'x-real-ip': source };
    return agent ? { ...headers, 'user-agent': agent } : headers;
}

/** A browser without JavaScript: cookies, hidden fields, one page at a time. */
export class Visitor {
    constructor(product, { server = product.server, source = product.fresh_source(), agent } = {}) {
        this.product = product;
        this.server = server;
        this.base = edge_headers(product, source, agent);
        this.cookies = new Map();
        this.page = undefined;
    }

    async exchange(method, target, body) {
        const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const headers = { ...this.base, ...(cookie ? { cookie } : {}) };
        if (method === 'POST') {
            headers['content-type'] = 'application/x-www-form-urlencoded';
        }
        const answer = await send({ server: this.server, method, path: target, headers, body });
        for (const line of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
            if (/max-age=0(?!\d)/i.test(line)) {
                this.cookies.delete(name);
            } else {
                this.cookies.set(name, value);
            }
        }
        return answer;
    }

    async get(target) {
        this.page = await this.exchange('GET', target, '');
        return this.page;
    }

    hidden(name) {
        return this.page?.text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1] ?? '';
    }

    /** Posts a form of the page last shown, with its hidden fields. */
    post(target, fields) {
        const form = new URLSearchParams({ csrf: this.hidden('csrf'), step: this.hidden('step'), ...fields });
        return this.exchange('POST', target, form.toString());
    }

    /** Posts, and goes where the answer leads; it must lead to `next`. */
    async go(target, fields, next) {
        const answer = await this.post(target, fields);
        assert.equal(answer.status, 303, `${target} answered ${answer.status}: ${notice_of(answer.text)}`);
        assert.equal(answer.headers.location, next, target);
        const page = await this.get(next);
        assert.equal(page.status, 200, `${next} answered ${page.status}: ${notice_of(page.text)}`);
        return page;
    }

    /** To the page after the password. */
    async enter_password({ login_id, password }, next) {
        await this.get('/sign-in');
        await this.go('/sign-in', { login_id }, '/sign-in/password');
        return this.go('/sign-in/password', { password }, next);
    }

    /** Registers an authenticator app; its key, and the step that is now used. */
    async register_application() {
        await this.go('/sign-in/second-step', { method: 'totp' }, '/sign-in/authenticator');
        const key = this.page.text.match(/id="key">([A-Z2-7 ]+)</)[1];
        const step = totp_step(this.product.now_ms());
        await this.go('/sign-in/authenticator', { code: totp_code(key, step) }, '/sign-in/new-password');
        return { key, step };
    }

    /** The answer to the form that ends a first sign-in: 303 to / when it was accepted. */
    replace_password(initial, wanted) {
        const fields = { current_password: initial, new_password: wanted, new_password_again: wanted };
        return this.post('/sign-in/new-password', fields);
    }

    async first_sign_in({ login_id, password, new_password }) {
        await this.enter_password({ login_id, password }, '/sign-in/second-step');
        const registered = await this.register_application();
        const ended = await this.replace_password(password, new_password);
        assert.equal(ended.status, 303, `the new password was refused (${ended.status}): ${notice_of(ended.text)}`);
        return registered;
    }

    signed_in() {
        return this.cookies.has('__Host-session');
    }
}

/** What an error page says, for messages of failing tests. */
export function notice_of(html) {
    return html.replace(/<(script|style)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').slice(0, 300);
}

export class ApiClient {
    constructor(product, { server = product.server, source = product.fresh_source(), agent } = {}) {
        this.product = product;
        this.server = server;
        this.base = edge_headers(product, source, agent);
        this.token = undefined;
    }

    async exchange(method, target, body) {
        const headers = { ...this.base, ...(this.token ? { authorization: `Bearer ${this.token}` } : {}) };
        if (method !== 'GET') {
            headers['content-type'] = 'application/json';
        }
        const answer = await send({ server: this.server, method, path: target, headers, body });
        const is_json = /json/.test(answer.headers['content-type'] ?? '');
        return { ...answer, json: is_json ? JSON.parse(answer.text) : undefined };
    }

    get(target) {
        return this.exchange('GET', target, '');
    }

    post(target, body) {
        return this.exchange('POST', target, JSON.stringify(body));
    }

    /** The answer to ID and password: 200 with a flow. */
    password({ login_id, password }) {
        return this.post('/api/v1/sign-in', { login_id, password });
    }

    /** ID, password, and a code of a step that was never used; the whole must work. */
    async sign_in(person) {
        const asked = await this.password(person);
        assert.equal(asked.status, 200, asked.text);
        const step = fresh_step(this.product, person);
        const answer = await this.post('/api/v1/sign-in/second-step', { flow: asked.json.flow, code: totp_code(person.key, step) });
        assert.equal(answer.status, 200, answer.text);
        person.used_step = step;
        this.token = answer.json.token;
        return answer.json;
    }
}

/** Has this person's app a code that the server still takes? It takes one on either side of the clock's. */
export const has_fresh_step = (product, person) => person.used_step <= totp_step(product.now_ms());

/** The earliest such step. */
export function fresh_step(product, person) {
    assert.ok(has_fresh_step(product, person), `${person.login_id} has used the codes of now`);
    return Math.max(totp_step(product.now_ms()), person.used_step + 1);
}

// --- reporting ---

/** Runs one script's checks against a product of its own; ends the process with 1 if one failed. */
export async function main(name, servers, script, settings = {}) {
    let product;
    const began = Date.now();
    const stop = async () => {
        await product?.close();
        process.exit(1);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    try {
        product = await Product.make(name, servers, settings);
        await script(product);
        console.log(`passed in ${((Date.now() - began) / 1000).toFixed(0)} s`);
    } catch (error) {
        console.error(error);
        for (const server of product?.servers ?? []) {
            if (server.child) {
                const { exitCode: status, signalCode: signal } = server.child;
                const ended = status === null && signal === null ? 'it runs' : `it ended: ${signal ?? status}`;
                console.error(`--- the end of the log of server ${server.number} (${ended})\n${product.log(server.number)}`);
            }
        }
        process.exitCode = 1;
    } finally {
        await product?.close();
    }
}

/** Says what is being checked and how long it took. */
export async function check(title, work) {
    const began = Date.now();
    const figures = await work();
    const took = ((Date.now() - began) / 1000).toFixed(1);
    console.log(`- ${title} (${took} s)${figures ? `: ${figures}` : ''}`);
}
