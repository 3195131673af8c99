// The country that the browser tests live in: a clock that only goes forward, the real command line, administrators who signed in
// once in the browser, one clinic, and a fresh account for whoever asks. Made by the first test that needs it, kept in a file for the rest.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { enter_code, enter_password, first_sign_in_by_application, kPassword } from './journeys.mjs';
import { kOrigin, launch_browser, private_page } from './support.mjs';

const kFolder = required('MADOGUCHI_BROWSER_FOLDER'); // clock, world.json, tokens: made by tests/browser/run
const kProgram = required('MADOGUCHI_ADMIN');
const kCertificate = required('MADOGUCHI_CA_FILE');
const kClock = path.join(kFolder, 'clock');
const kWorld = path.join(kFolder, 'world.json');
const kStepSeconds = 30; // of TOTP, RFC 6238
const kNotSignedIn = 4; // admin-cli/README.md, exit codes

function required(name) {
    assert.ok(process.env[name], `${name} is not set: start these tests by tests/browser/run`);
    return process.env[name];
}

// A reader never sees half a file.
function write_whole(file, text, mode = 0o644) {
    writeFileSync(`${file}.new`, text, { mode });
    renameSync(`${file}.new`, file);
}

// --- the clock ---

const clock_offset = () => Number(readFileSync(kClock, 'utf8'));

/** The server's time in milliseconds. */
export const now = () => Date.now() + clock_offset() * 1000;

/** Moves the server's clock forward. It never goes back: codes, sessions and waits of other tests must not come alive again. */
export function advance(seconds) {
    assert.ok(seconds >= 0);
    write_whole(kClock, `${clock_offset() + Math.ceil(seconds)}\n`);
}

/** So that caps on messages, requests and failures an hour, which count all tests' as one source, start anew. */
export const next_hours = () => advance(2 * 3600);

export const kDay_s = 24 * 3600;
const kAheadOfUtc_s = 9 * 3600;

/** "2026-12-02" of Japan, `days` ago. */
export const japanese_day = (days = 0) => new Date(now() + (kAheadOfUtc_s - days * kDay_s) * 1000).toISOString().slice(0, 10);

/** Moves the clock to this time of Japan's day, of the next day where it has passed. */
export function advance_to(hour, minute) {
    const passed = (now() / 1000 + kAheadOfUtc_s) % kDay_s;
    advance(((hour * 60 + minute) * 60 - passed + kDay_s) % kDay_s);
}

// --- authenticator apps ---

/** The next code that the server has not seen from this app ({ code(at), step(at) }); moves the clock if it must. */
export function next_code(app) {
    if (app.used !== undefined && app.step(now()) <= app.used) {
        advance(((app.used + 1) * kStepSeconds * 1000 - now()) / 1000 + 1);
    }
    app.used = app.step(now());
    return app.code(now());
}

/** Six digits that are right neither now nor in the steps beside it. */
export function wrong_code(app) {
    const right = new Set([-2, -1, 0, 1, 2].map((offset) => app.code(now() + offset * kStepSeconds * 1000)));
    return ['111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !right.has(code));
}

// --- the command line ---

/** Runs madoguchi-admin as `who` (a name for its token store): { status, output, problem }. */
export function run_admin(who, words, input = '') {
    return new Promise((resolve) => {
        const child = execFile(
            kProgram,
            words,
            {
                env: {
                    PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: kFolder, XDG_STATE_HOME: path.join(kFolder, 'tokens', who),
                    MADOGUCHI_SERVER: kOrigin, MADOGUCHI_CA_FILE: kCertificate,
                },
                timeout: 60_000,
            },
            (error, output, problem) => resolve({ status: error ? (error.code ?? 'killed') : 0, output, problem }),
        );
        child.stdin.on('error', () => {}); // it may end before it has read everything
        child.stdin.end(input);
    });
}

async function sign_in_admin(who) {
    const administrator = world_now().administrators[who];
    const app = await application_of(administrator);
    const words = ['sign-in', administrator.login_id, '--password-stdin', '--code-stdin', '--method', 'totp'];
    const done = await run_admin(who, words, `${kPassword}\n${next_code(app)}\n`);
    keep_used_step(who, app);
    assert.equal(done.status, 0, `${who}: ${done.problem}`);
}

/** The JSON that madoguchi-admin prints for the administrator `who`: ministry, second_ministry, prefecture or health_center. */
export async function admin(who, ...words) {
    const asked = [...words, '--output', 'json', '--yes'];
    let done = await run_admin(who, asked);
    if (done.status === kNotSignedIn) {
        await sign_in_admin(who);
        done = await run_admin(who, asked);
    }
    assert.equal(done.status, 0, `madoguchi-admin ${words.join(' ')}: ${done.problem}`);
    return JSON.parse(done.output);
}

// --- the country ---

let kept;
const world_now = () => (kept ??= JSON.parse(readFileSync(kWorld, 'utf8')));
function keep(world) {
    kept = world;
    write_whole(kWorld, JSON.stringify(world, undefined, 2), 0o600);
}

async function application_of(administrator) {
    const { authenticator } = await import('./support.mjs');
    return { ...authenticator(administrator.uri), used: administrator.used };
}

function keep_used_step(who, app) {
    const world = world_now();
    world.administrators[who].used = app.used;
    keep(world);
}

/** Signs an administrator of this country in, in a browser: ministry, second_ministry, prefecture or health_center. */
export async function sign_in_as(page, who) {
    const { [who]: administrator } = (await world()).administrators;
    const app = await application_of(administrator);
    await enter_password(page, { login_id: administrator.login_id, password: kPassword });
    await enter_code(page, next_code(app));
    keep_used_step(who, app);
}

/** The second half of "confirm it's you", for the administrator `who`. */
export async function confirm_as(page, who) {
    const app = await application_of(world_now().administrators[who]);
    await enter_code(page, next_code(app));
    keep_used_step(who, app);
}

async function add_administrator(browser, world, who, login_id, initial_password, see) {
    const page = await private_page(browser);
    const app = await first_sign_in_by_application(page, { login_id, initial_password }, { next_code, see });
    await page.context().close();
    world.administrators[who] = { login_id, uri: app.uri, used: app.used };
    keep(world);
}

async function approve_all(who) {
    for (const { id } of (await admin(who, 'request', 'list')).requests) {
        await admin(who, 'request', 'approve', String(id), '--reason', '二人目の確認');
    }
}

async function issue_administrator(by, organization, role, family_name) {
    const issued = await admin(by, 'account', 'issue', '--organization', organization, '--role', role, '--family-name', family_name, '--given-name', '和子');
    await approve_all('second_ministry');
    return issued;
}

const id_of = (made) => String((made.organization ?? made).id);

async function build(see) {
    await mkdir(path.join(kFolder, 'tokens'), { recursive: true, mode: 0o700 });
    const world = existsSync(kWorld) ? world_now() : { administrators: {}, accounts: 0 };
    const browser = await launch_browser();
    try {
        const add = (...details) => add_administrator(browser, world, ...details);
        if (!world.administrators.ministry) await add('ministry', required('MADOGUCHI_FIRST_ID'), required('MADOGUCHI_FIRST_PASSWORD'), see);
        if (!world.administrators.second_ministry) await add('second_ministry', required('MADOGUCHI_SECOND_ID'), required('MADOGUCHI_SECOND_PASSWORD'));
        const create = async (by, ...words) => id_of(await admin(by, 'organization', 'create', ...words));
        const { organizations: [ministry] } = await admin('ministry', 'organization', 'list', '--kind', 'ministry');
        world.prefecture = await create('ministry', '--kind', 'prefecture', '--parent', String(ministry.id), '--name', '東京都', '--local-government-code', '130001', '--phone', '03-0000-1300');
        const prefecture = await issue_administrator('ministry', world.prefecture, 'prefecture_admin', '都野');
        await add('prefecture', prefecture.account.login_id, prefecture.initial_password);
        world.health_center = await create('prefecture', '--kind', 'health_center', '--parent', world.prefecture, '--name', '青葉保健所', '--phone', '03-0000-2050');
        const health_center = await issue_administrator('prefecture', world.health_center, 'health_center_admin', '保田');
        await add('health_center', health_center.account.login_id, health_center.initial_password);
        world.facility = await create('health_center', '--kind', 'facility', '--parent', world.health_center, '--name', 'みどりの森クリニック', '--kana', 'ミドリノモリクリニック', '--institution-code', '1310112342', '--phone', '03-0000-1042');
        world.finished = true;
        keep(world);
    } finally {
        await browser.close();
    }
}

/** `see(page, name)` is called on each screen of the first administrator's first sign-in, if that is still to come. */
export async function world({ see } = {}) {
    if (!existsSync(kWorld) || !world_now().finished) {
        await build(see);
    }
    return world_now();
}

/** A pending account that nobody else uses: { id, login_id, initial_password, phone }, of the clinic's staff if nothing else is said. */
export async function new_account({ role = 'facility_staff', by = 'health_center', organization } = {}) {
    const { facility } = await world();
    const current = world_now();
    current.accounts += 1;
    keep(current);
    const made = await admin(by, 'account', 'issue', '--organization', organization ?? facility, '--role', role, '--family-name', '森', '--given-name', '緑');
    const number = String(current.accounts).padStart(4, '0');
    return {
        id: made.account.id, login_id: made.account.login_id, initial_password: made.initial_password,
        phone: `090-0000-${number}`, fixed_line: `03-0000-${number}`, // exchanges nobody has
    };
}
