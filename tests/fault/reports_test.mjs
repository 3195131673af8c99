// S25: kill -9 of the server while clinics report. What was acknowledged is there once, with the number that was told; what was not is
// there once or not at all, and the same request sent again settles it.
//   MADOGUCHI_FAULT_REPORT_KILLS=10   how often, each time on another day
import assert from 'node:assert/strict';

import { Asker, build_country, staff } from '../api/country.mjs';
import { check, main, numbers } from './product.mjs';

const kKills = Number(process.env.MADOGUCHI_FAULT_REPORT_KILLS ?? 10);
const kClinics = 6;
const kPressesAtOnce = 3; // of each clinic: two of one key, one of another
const kDay_s = 24 * 3600;
const kBands = ['0', '1_4', '5_9', '10', '20', '30', '40', '50', '60_64', '65_69', '70', '80', '90', 'unknown'];

/** A health centre with its clinics, each with one person who is through the first sign-in. */
async function build(product) {
    const asker = new Asker(product, '/api/v1', 'application/json');
    const { center, center_id } = await build_country(product, asker);
    const clinics = [];
    for (const number of numbers(kClinics)) {
        const made = await asker.ask(center, 'POST', '/organizations', { kind: 'follow_up_center', parent_id: center_id, name: `試験センター${number}` });
        assert.equal(made.status, 201, made.text);
        const { person } = await staff(product, asker, center, made.json.id, undefined, '試験');
        clinics.push({ id: made.json.id, person });
    }
    return clinics;
}

const day_of = (product) => new Date(product.now_ms() + 9 * 3600 * 1000).toISOString().slice(0, 10);

function submission(clinic, day, press) {
    const key = press < kPressesAtOnce - 1 ? 'first' : 'other';
    const count = key === 'first' ? 7 : 9;
    const figures = Object.fromEntries(kBands.map((band) => [`age_${band}`, band === '0' ? count : 0]));
    return { clinic, day, key: `${day}-${key}`, body: { report_date: day, ...figures } };
}

/** The answer, or undefined where the connection was lost. */
async function send(client, { key, body }) {
    client.base['idempotency-key'] = key;
    try {
        return await client.post('/api/v1/daily-reports', body);
    } catch {
        return undefined;
    }
}

async function one_day(product, clinics, journal) {
    await product.set_clock(product.offset_seconds + kDay_s);
    for (const clinic of clinics) {
        clinic.client = product.api_client();
        await clinic.client.sign_in(clinic.person);
    }
    const day = day_of(product);
    const presses = clinics.flatMap((clinic) => Array.from({ length: kPressesAtOnce }, (_, press) => submission(clinic, day, press)));
    // The kill comes behind some answers and before the others: a time would be too long on a fast machine and too short on a slow one.
    const answers_first = Math.floor(Math.random() * presses.length);
    let answers = 0;
    let enough;
    const answered = new Promise((resolve) => (enough = resolve));
    const sent = presses.map(async (entry) => {
        const client = product.api_client();
        client.token = entry.clinic.client.token;
        entry.answer = await send(client, entry);
        answers += 1;
        if (answers >= answers_first) enough();
    });
    if (answers_first > 0) await answered;
    await product.server.kill();
    await Promise.all(sent);
    await product.server.start();
    // A connection that the client still holds may be one of the server that is gone.
    await product.api_client().get('/readyz').catch(() => {});
    for (const entry of presses) {
        const client = product.api_client();
        client.token = entry.clinic.client.token;
        entry.again = await send(client, entry);
        assert.ok(entry.again, 'the server is back');
    }
    journal.push(...presses);
}

async function check_day(product, journal) {
    const rows = await product.rows(`select organization_id::text, report_date::text, receipt_number, age_0, version from reports`);
    const found = new Map();
    for (const row of rows) {
        const name = `${row.organization_id} ${row.report_date}`;
        assert.ok(!found.has(name), `${name} is there twice`);
        found.set(name, row);
    }
    for (const { clinic, day, key, body, answer, again } of journal) {
        const row = found.get(`${clinic.id} ${day}`);
        assert.ok(row, `${clinic.id} ${day} ${key} was sent again and is gone`);
        for (const told of [answer, again].filter((one) => one !== undefined)) {
            assert.ok([200, 201, 409].includes(told.status), `${told.status}: ${told.text}`);
            assert.equal(told.json.receipt_number, row.receipt_number, `${key}: the number that counts`);
            assert.equal(told.status !== 409, row.age_0 === body.age_0, 'only who won is told so');
        }
    }
    const lost = journal.filter(({ answer }) => answer === undefined).length;
    const acknowledged = journal.filter(({ answer }) => answer && answer.status !== 409).length;
    assert.ok(lost > 0, 'no kill came while a request was under way');
    return `${rows.length} reports of ${journal.length} presses; ${acknowledged} acknowledged before a kill, ${lost} without an answer, all settled by sending again`;
}

await main('reports', 1, async (product) => {
    await product.server.start();
    const clinics = await build(product);
    const journal = [];
    await check('the server is killed while clinics report', async () => {
        for (let kill = 0; kill < kKills; ++kill) await one_day(product, clinics, journal);
        return `${kKills} times`;
    });
    await check('each clinic has one report a day', () => check_day(product, journal));
    await check('the audit log tells of each once', async () => {
        const told = await product.count(`select count(*) from audit_events where action = 'report.submit' and outcome = 'done'`);
        assert.equal(told, await product.count('select count(*) from reports'));
        return `${told} rows`;
    });
});
