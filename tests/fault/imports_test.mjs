// S23: kill -9 of the server while files are taken in, of organizations and of daily reports. Each row is made once, as it was sent,
// without anybody's help; the same rows again make nothing.
//   MADOGUCHI_FAULT_IMPORT_CLINICS=375   how many organizations; eight days of reports for each, as far back as a file may reach; up to 3,000
import assert from 'node:assert/strict';

import { Asker, build_country, institution_code } from '../api/country.mjs';
import { check, main, numbers, until } from './product.mjs';

const kClinics = Number(process.env.MADOGUCHI_FAULT_IMPORT_CLINICS ?? 375);
const kDays = 8;
const kKills = 3;
const kPatience = 120_000; // a busy machine with two cores
const kBands = ['0', '1_4', '5_9', '10', '20', '30', '40', '50', '60_64', '65_69', '70', '80', '90', 'unknown'];

const japan_date = (product, days) => new Date(product.now_ms() + 9 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10);

const organizations = (center_id) => numbers(kClinics).map((clinic) => ({
    kind: 'facility', parent_id: center_id, name: `岬町${clinic}診療所`, institution_code: institution_code(clinic), phone: `03-0000-${String(clinic).padStart(4, '0')}`,
}));

/** Every row has figures that no other row has, so that a shift shows: its clinic at age 10, its day at age 80. */
const figures = (clinic, day) => Object.fromEntries(kBands.map((band) => [`age_${band}`, band === '10' ? clinic : band === '80' ? day : 0]));
const reports = (product) => numbers(kClinics * kDays).map((row) => {
    const clinic = row % kClinics;
    const day = Math.floor(row / kClinics);
    return { institution_code: institution_code(clinic), report_date: japan_date(product, day), ...figures(clinic, day) };
});

/** A kill counts where it left something done and something to do. */
async function kill_within(product, asker, { who, target, body, made, of }) {
    const began = Date.now();
    const sent = await asker.ask(who, 'POST', target, body);
    assert.equal(sent.status, 202, sent.text);
    const checked = Date.now() - began;
    const seen = [];
    for (let kill = 0; kill < kKills; ++kill) {
        const before = await made();
        await until('the import goes on', kPatience, async () => (await made()) > before, 2);
        await product.server.kill();
        seen.push(await made());
        await product.server.start();
        if (seen.at(-1) >= of) {
            break;
        }
    }
    assert.ok(seen.some((count) => count > 0 && count < of), `killed only at ${seen.join(', ')} of ${of}`);
    const view = await until('the end of the import', kPatience, async () => {
        const { json } = await asker.ask(who, 'GET', sent.headers.location.replace('/api/v1', ''));
        return json.state === 'done' && json;
    }, 100);
    assert.deepEqual([view.rows.total, view.rows.made], [of, of], JSON.stringify(view.rows));
    return `${of} rows checked in ${(checked / 1000).toFixed(1)} s, killed at ${seen.join(', ')}, done after ${((Date.now() - began) / 1000).toFixed(1)} s`;
}

// Each counts what must not exist.
const kWrong = {
    'a clinic that is there twice, or not at all': `select abs(count(*) - ${kClinics}) as count from organizations where name like '岬町%'`,
    'a clinic with the code of another': `select count(*) from organizations where name like '岬町%' and phone not like '%' || lpad(substring(name from '[0-9]+'), 4, '0')`,
    'a creation that the audit log tells of twice, or not at all': `select count(*) from organizations o where name like '岬町%'
        and (select count(*) from audit_events e where e.action = 'organization.create' and e.target_id = o.id) <> 1`,
    'a report that is there twice, or not at all': `select abs(count(*) - ${kClinics * kDays}) as count from reports`,
    'figures of another clinic': `select count(*) from reports r join organizations o on o.id = r.organization_id
        where r.age_10 <> substring(o.name from '[0-9]+')::int`,
    'figures of another day': `select count(*) from reports where age_80 <> (select max(report_date) from reports) - report_date`,
    'a receipt that was given twice': 'select count(*) - count(distinct receipt_number) as count from reports',
    'a report that was corrected by its own import': 'select count(*) from reports where version <> 1',
    'reports of a clinic that the audit log tells of too often, or not at all': `select count(*) from organizations o where name like '岬町%'
        and (select count(*) from audit_events e where e.action = 'report.submit' and e.outcome = 'done' and e.target_id = o.id) <> ${kDays}`,
};

async function check_rows(product) {
    for (const [what, query] of Object.entries(kWrong)) {
        assert.equal(await product.count(query), 0, what);
    }
    return `${Object.keys(kWrong).length} kinds of wrong`;
}

await main('imports', 1, async (product) => {
    await product.server.start();
    const asker = new Asker(product, '/api/v1', 'application/json');
    const { center, center_id } = await build_country(product, asker);
    await check('the server is killed while organizations are made', () => kill_within(product, asker, {
        who: center, target: '/organization-imports', body: { rows: organizations(center_id) }, of: kClinics,
        made: () => product.count(`select count(*) from organizations where name like '岬町%'`),
    }));
    const rows = reports(product);
    await check('the server is killed while reports are taken in', () => kill_within(product, asker, {
        who: center, target: '/report-imports', body: { accept_warnings: true, rows }, of: rows.length,
        made: () => product.count('select count(*) from reports'),
    }));
    await check('nothing twice, nothing shifted', () => check_rows(product));
    await check('the same rows once more make nothing', async () => {
        const again = await asker.ask(center, 'POST', '/report-imports', { accept_warnings: true, rows });
        assert.equal(again.status, 202, again.text);
        assert.deepEqual([again.json.rows.known, again.json.rows.made], [rows.length, 0], again.text);
        await check_rows(product);
    });
}, { 'reports.corrections': 'retroactive' });
