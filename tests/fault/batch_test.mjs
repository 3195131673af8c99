// S23: kill -9 of the server in the middle of a batch, again and again. It resumes by itself, issues nothing twice, and no row is
// shifted against another. The file goes in over the wire, larger than what a form may carry.
//   MADOGUCHI_FAULT_BATCH_ROWS=3000   how many rows
import assert from 'node:assert/strict';

import { check, main, numbers, send, until } from './product.mjs';

const kRows = Number(process.env.MADOGUCHI_FAULT_BATCH_ROWS ?? 3000);
const kKills = 3; // before the last chunk; each chunk is a transaction of 500 rows
const kClinics = 40;
const kPatience = 120_000; // a busy machine with two cores
const kLargestForm = 64 * 1024;

/** A code of Osaka, with the check digit that makes it good (Luhn). */
function code_of(clinic) {
    const nine = `27191${String(clinic).padStart(4, '0')}`;
    const sum = [...nine].reverse().reduce((total, digit, place) => {
        const doubled = Number(digit) * (place % 2 === 0 ? 2 : 1);
        return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    return nine + ((10 - (sum % 10)) % 10);
}

/** A health centre with clinics, and an administrator signed in to it: made past the services, which other tests show. */
async function health_center(product, client) {
    const [prefecture] = await product.rows(`select id, path from organizations where id = ${product.prefecture}`);
    const insert = (kind, parent, name, code) => `with next as (select nextval('organizations_id_seq') as id)
        insert into organizations (id, kind, parent_id, path, prefecture_code, name, search, institution_code, created_at)
        select id, '${kind}', ${parent.id}, '${parent.path}' || id || '.', 13, '${name}', '${name}', ${code ? `'${code}'` : 'null'}, now() from next
        returning id, path`;
    const make = async (...details) => {
        const made = await product.psql(product.database, insert(...details));
        const [id, path] = made.trim().split('|');
        return { id, path };
    };
    const center = await make('health_center', prefecture, '試験保健所');
    for (const clinic of numbers(kClinics)) {
        await make('facility', center, `試験医院${clinic}`, code_of(clinic));
    }
    const issued = await product.issue(client, 'batch-administrator');
    const visitor = product.visitor();
    await visitor.first_sign_in({ ...issued, new_password: product.fresh_password() });
    await product.psql(product.database, `update accounts set organization_id = ${center.id}, organization_path = '${center.path}' where id = ${issued.id};
        update grants set role = 'health_center_admin', organization_id = ${center.id}, organization_path = '${center.path}',
            account_path = '${center.path}' where account_id = ${issued.id}`);
    return visitor;
}

const family_of = (row) => `利用者${row}号`;

/** Each row differs, so that a shift shows; the long names make it larger than a form. */
function file_of_rows() {
    const lines = ['医療機関コード,氏,名,利用終了日'];
    for (const row of numbers(kRows)) {
        lines.push(`${code_of(row % kClinics)},${family_of(row)},みどり,令和${20 + (row % 3)}年3月31日`);
    }
    return lines.join('\r\n');
}

async function upload(visitor, file) {
    await visitor.get('/batches');
    const boundary = 'madoguchi-fault-boundary';
    const part = (head, text) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
    const body = part('name="csrf"', visitor.hidden('csrf')) +
        part('name="file"; filename="batch.csv"\r\nContent-Type: text/csv', file) + `--${boundary}--\r\n`;
    assert.ok(Buffer.byteLength(body) > kLargestForm, 'larger than what a form may carry');
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...visitor.base, cookie, 'content-type': `multipart/form-data; boundary=${boundary}` };
    const answer = await send({ server: visitor.server, method: 'POST', path: '/batches', headers, body, timeout_ms: kPatience });
    assert.equal(answer.status, 303, answer.text.slice(0, 400));
    return answer.headers.location;
}

const issued_rows = (product) => product.count('select count(*) from accounts where batch_id is not null');
const batch_state = async (product) => (await product.rows('select state from batches'))[0].state;

// A kill counts where it left something done and something to do.
async function kill_within_the_batch(product) {
    const seen = [];
    for (let kill = 0; kill < kKills; ++kill) {
        const before = await issued_rows(product);
        await until('the batch goes on', kPatience, async () => (await issued_rows(product)) > before, 5);
        await product.server.kill();
        seen.push(await issued_rows(product));
        await product.server.start();
        if (seen.at(-1) >= kRows) {
            break;
        }
    }
    assert.ok(seen.some((count) => count > 0 && count < kRows), `killed only at ${seen.join(', ')} of ${kRows}`);
    await until('the end of the batch', kPatience, async () => (await batch_state(product)) === 'done', 100);
    return `at ${seen.join(', ')} of ${kRows} rows`;
}

// Each counts what must not exist.
const kWrong = {
    'a row that made no account, or more than one': `select count(*) from batch_rows r
        where (select count(*) from accounts a where a.batch_id = r.batch_id and a.batch_row = r.number) <> 1`,
    'a row that is not said to be issued': `select count(*) from batch_rows where state <> 'issued'`,
    'a person who moved to another row': `select count(*) from batch_rows r join accounts a on a.id = r.account_id
        where a.batch_row <> r.number or a.family_name <> r.family_name or a.family_name <> '利用者' || (r.number - 2) || '号'`,
    'a clinic that moved to another row': `select count(*) from batch_rows r join accounts a on a.id = r.account_id
        join organizations o on o.id = a.organization_id where o.institution_code <> r.code`,
    'an account without its one role': `select count(*) from accounts a where batch_id is not null
        and (select count(*) from grants g where g.account_id = a.id and g.role = 'facility_staff' and g.revoked_at is null) <> 1`,
    'a role whose last day moved': `select count(*) from batch_rows r join grants g on g.account_id = r.account_id
        where g.valid_until is distinct from (replace(r.valid_until, '/', '-') || ' 00:00+09')::timestamptz + interval '1 day'`,
    'a login ID given twice': 'select count(*) - count(distinct login_id) as count from accounts',
};

async function check_rows(product) {
    for (const [what, query] of Object.entries(kWrong)) {
        assert.equal(await product.count(query), 0, what);
    }
    assert.equal(await issued_rows(product), kRows);
    const told = await product.count(`select count(*) from audit_events e join accounts a on a.id = e.target_id
        where e.action = 'account.issue' and a.batch_id is not null`);
    assert.equal(told, kRows, 'audit rows of the issuance');
    return `${kRows} rows, ${Object.keys(kWrong).length} kinds of wrong`;
}

await main('batch', 1, async (product) => {
    await product.server.start();
    const administrator = await product.administrator();
    const visitor = await health_center(product, administrator);
    const file = file_of_rows();
    let page;
    await check('a file goes in over the wire', async () => {
        page = await upload(visitor, file);
        return `${(Buffer.byteLength(file) / 1024).toFixed(0)} KiB`;
    });
    await check('the server is killed within the batch', async () => {
        await visitor.get(page);
        assert.equal(visitor.page.status, 200);
        const confirmed = await visitor.post(page, { act: 'issue', version: visitor.hidden('version') });
        assert.equal(confirmed.status, 303, confirmed.text.slice(0, 300));
        return kill_within_the_batch(product);
    });
    await check('nothing twice, nothing shifted', () => check_rows(product));
    await check('the same file once more issues nothing', async () => {
        const again = await upload(visitor, file);
        await visitor.get(again);
        assert.match(visitor.page.text, new RegExp(`<b>${kRows}</b>`));
        assert.equal(await product.count(`select count(*) from batch_rows where state = 'known'`), kRows);
        assert.equal(await issued_rows(product), kRows);
    });
});
