// What a health centre and a helpdesk do at their desks, by programs: organizations and reports by the thousand, reports that came on
// paper, corrections and adjustments, one-time links, accounts that nobody uses, callers. Every request goes by the document.
import assert from 'node:assert/strict';

import { check, main, send, until } from '../fault/product.mjs';
import { build_country, institution_code, staff } from './country.mjs';
import { Proxy } from './proxy.mjs';

const kBands = ['age_0', 'age_1_4', 'age_5_9', 'age_10', 'age_20', 'age_30', 'age_40', 'age_50', 'age_60_64', 'age_65_69', 'age_70', 'age_80', 'age_90', 'age_unknown'];
const kDay_ms = 86_400_000;

/** Fourteen bands: 0 but for what is said. */
const figures = (said = {}) => ({ ...Object.fromEntries(kBands.map((band) => [band, 0])), ...said });
/** The date in Japan, `days` ago. */
const japan_date = (product, days = 0) => new Date(product.now_ms() + 9 * 3_600_000 - days * kDay_ms).toISOString().slice(0, 10);

const fields_of = (answer) => answer.json.errors.map(({ field }) => field);

async function finished(proxy, who, location) {
    return until(location, 30_000, async () => {
        const view = (await proxy.ask(who, 'GET', location.replace('/api/v1', ''))).json;
        return view.state === 'done' && view;
    }, 100);
}

const clinic = (center_id, number) => ({
    kind: 'facility', parent_id: center_id, name: `みさき${number}診療所`, kana: 'ミサキシンリョウジョ', institution_code: institution_code(number), phone: '03-0000-1042',
});

async function import_organizations(proxy, { center, center_id }) {
    const rows = Array.from({ length: 210 }, (_, index) => clinic(center_id, 100 + index));
    const checked = await proxy.ask(center, 'POST', '/organization-imports', { name: '名簿', check_only: true, rows });
    assert.equal(checked.status, 202, checked.text);
    assert.deepEqual([checked.json.state, checked.json.rows.ready], ['checked', 210]);
    const target = checked.headers.location.replace('/api/v1', '');
    assert.equal((await proxy.ask(center, 'POST', `${target}/confirm`, undefined, { 'if-match': '"another"' })).status, 412);
    assert.equal((await proxy.ask(center, 'POST', `${target}/drop`, undefined, { 'if-match': checked.headers.etag })).json.state, 'dropped');
    assert.equal((await proxy.ask(center, 'POST', `${target}/confirm`, undefined)).status, 409, 'it was dropped');

    const wrong = { ...clinic(center_id, 1), institution_code: '9999999999' };
    const sent = await proxy.ask(center, 'POST', '/organization-imports', { name: '名簿', rows: [...rows, wrong] });
    assert.equal(sent.status, 202, sent.text);
    const done = await finished(proxy, center, sent.headers.location);
    assert.deepEqual([done.rows.total, done.rows.made, done.rows.bad], [211, 210, 1]);
    const place = sent.headers.location.replace('/api/v1', '');
    const [bad] = (await proxy.ask(center, 'GET', `${place}/rows?show=to_fix`)).json.rows;
    assert.deepEqual([bad.row, bad.state, bad.problems[0].field], [211, 'bad', 'institution_code']);
    const first = await proxy.ask(center, 'GET', `${place}/rows?limit=200`);
    const rest = await proxy.ask(center, 'GET', `${place}/rows?limit=200&cursor=${first.json.next_cursor}`);
    assert.equal(rest.json.next_cursor, null);
    const made = [...first.json.rows, ...rest.json.rows].filter(({ state }) => state === 'made');
    assert.equal(made.length, 210);
    assert.equal((await proxy.ask(center, 'GET', `/organizations/${made[0].organization_id}`)).json.institution_code, institution_code(100));

    const again = await proxy.ask(center, 'POST', '/organization-imports', { rows: rows.slice(0, 3) });
    assert.equal(again.json.rows.known, 3, 'nothing is made twice');

    const none = await proxy.ask(center, 'POST', '/organization-imports', { atomic: true, rows: [clinic(center_id, 400), wrong, rows[0]] });
    assert.equal(none.status, 400, none.text);
    assert.deepEqual(fields_of(none), ['rows[1].institution_code', 'rows[2].name']);
    assert.equal((await proxy.ask(center, 'GET', encodeURI('/organizations?q=みさき400'))).json.organizations.length, 0, 'none of them');
    const whole = await proxy.ask(center, 'POST', '/organization-imports', { atomic: true, rows: [clinic(center_id, 400), clinic(center_id, 401)] });
    assert.equal(whole.status, 201, whole.text);
    assert.deepEqual([whole.json.state, whole.json.rows.made], ['done', 2]);
    assert.ok((await proxy.ask(center, 'GET', '/organization-imports?limit=1')).json.next_cursor);
    return made.map(({ organization_id }) => organization_id);
}

async function import_reports(product, proxy, { center }, places) {
    const today = japan_date(product);
    const row = (number, said) => ({ institution_code: institution_code(100 + number), report_date: today, ...said });
    const rows = [...Array.from({ length: 100 }, (_, index) => row(index, figures({ age_30: 2, age_unknown: 0 }))), row(100, { kind: 'closed' }), row(101, { kind: 'zero' })];
    const sent = await proxy.ask(center, 'POST', '/report-imports', { name: '集計', rows: [...rows, { ...row(0, figures()), institution_code: '9999999999' }, row(102, figures({ age_20: 10_000 }))] });
    assert.equal(sent.status, 202, sent.text);
    const done = await finished(proxy, center, sent.headers.location);
    assert.deepEqual([done.rows.made, done.rows.left_out], [102, 2], 'a wrong code, and figures that nobody said to be meant');
    const place = sent.headers.location.replace('/api/v1', '');
    const { rows: told } = (await proxy.ask(center, 'GET', `${place}/rows?limit=500`)).json;
    assert.match(told[0].receipt_number, /^\d{8}-\d{6}$/);
    assert.deepEqual([told[102].state, told[102].problems[0].field, told[103].problems[0].field, told[103].problems[0].warning], ['left_out', 'institution_code', 'age_20', true]);
    const shown = await proxy.ask(center, 'GET', `/daily-reports/${today}?organization_id=${places[0]}`);
    assert.equal(shown.json.total, 2, shown.text);
    assert.equal(shown.json.proxy.organization_name, 'みなと保健所');

    const known = await proxy.ask(center, 'POST', '/report-imports', { atomic: true, rows: [row(103, figures({ age_0: 1 })), row(0, figures({ age_30: 3 }))] });
    assert.equal(known.status, 400, known.text);
    assert.deepEqual(fields_of(known), ['rows[1].report_date'], 'a report that is there is never replaced');
    assert.equal((await proxy.ask(center, 'GET', `/daily-reports/${today}?organization_id=${places[103]}`)).status, 404, 'none of them');
    const whole = await proxy.ask(center, 'POST', '/report-imports', { atomic: true, accept_warnings: true, rows: [row(102, figures({ age_20: 10_000 })), row(103, figures({ age_0: 1 }))] });
    assert.equal(whole.status, 201, whole.text);
    assert.deepEqual([whole.json.state, whole.json.rows.made], ['done', 2]);
    assert.ok((await proxy.ask(center, 'GET', '/report-imports')).json.imports.length >= 2);

    const [unusual] = (await proxy.ask(center, 'GET', '/unusual-reports')).json.reports;
    assert.deepEqual([unusual.organization_id, unusual.total], [places[102], 10_000]);
    const unanswered = await proxy.ask(center, 'POST', `/unusual-reports/${unusual.id}/review`, { state: 'asked' });
    assert.deepEqual([unanswered.status, fields_of(unanswered)], [400, ['note']]);
    const asked = await proxy.ask(center, 'POST', `/unusual-reports/${unusual.id}/review`, { state: 'asked', note: '桁の誤りではありませんか' });
    assert.equal(asked.json.review_state, 'asked', asked.text);
    assert.equal((await proxy.ask(center, 'POST', `/unusual-reports/${unusual.id}/review`, { state: 'seen' })).json.review_state, 'seen');
    assert.equal((await proxy.ask(center, 'GET', '/unusual-reports')).json.reports.length, 0);

    const exported = (await proxy.ask(center, 'GET', `/daily-reports/export?from=${today}&to=${today}`)).json;
    assert.equal(exported.reports.length, 104);
    const before = await proxy.ask(center, 'GET', `/daily-reports/export?from=${today}&as_of=${encodeURIComponent(new Date(product.now_ms() - kDay_ms).toISOString())}`);
    assert.equal(before.json.reports.length, 0, 'as it was known the day before');
    assert.equal((await proxy.ask(center, 'GET', '/daily-reports/export?from=2020-01-01')).status, 400);
}

async function type_for_others(product, proxy, { center }, places) {
    const today = japan_date(product);
    const paper = { organization_id: places[110], report_date: today, received_by: 'fax', received_at: new Date(product.now_ms() - 60_000).toISOString(), note: '1枚' };
    const late = await proxy.ask(center, 'POST', '/received-reports', { ...paper, received_at: new Date(product.now_ms() + kDay_ms).toISOString() });
    assert.deepEqual([late.status, fields_of(late)], [400, ['received_at']], 'it has not come yet');
    const received = await proxy.ask(center, 'POST', '/received-reports', paper);
    assert.equal(received.status, 201, received.text);
    assert.equal((await proxy.ask(center, 'POST', '/received-reports', paper)).status, 409, 'one of that day waits');
    const target = received.headers.location.replace('/api/v1', '');
    const doubtful = await proxy.ask(center, 'POST', `${target}/report`, { version: received.json.version, ...figures({ age_40: 20_000 }) });
    assert.equal(doubtful.status, 400, doubtful.text);
    const { version } = (await proxy.ask(center, 'GET', target)).json;
    assert.equal((await proxy.ask(center, 'POST', `${target}/report`, { version: version - 1, ...figures({ age_40: 3 }) })).status, 409, 'somebody typed it meanwhile');
    const reported = await proxy.ask(center, 'POST', `${target}/report`, { version, accept_warnings: true, ...figures({ age_40: 20_000 }) });
    assert.equal(reported.status, 201, reported.text);
    assert.deepEqual([reported.json.total, reported.json.proxy.received_by, reported.json.proxy.note], [20_000, 'fax', '1枚']);
    assert.equal((await proxy.ask(center, 'GET', target)).json.receipt_number, reported.json.receipt_number);

    // The clinic was first: the same is ticked off, something else is a correction.
    const second = await proxy.ask(center, 'POST', '/received-reports', { ...paper, organization_id: places[0] });
    const waiting = second.headers.location.replace('/api/v1', '');
    assert.equal(second.json.reported.total, 2);
    const refused = await proxy.ask(center, 'POST', `${waiting}/report`, { version: 1, ...figures({ age_30: 5 }) });
    assert.deepEqual([refused.status, refused.json.receipt_number], [409, second.json.reported.receipt_number]);
    assert.ok(second.json.may_correct);
    const now = (await proxy.ask(center, 'GET', waiting)).json;
    const corrected = await proxy.ask(center, 'POST', `${waiting}/correction`, { version: now.version, report_version: 1, reason: 'FAXの数が正しいため', ...figures({ age_30: 5 }) });
    assert.equal(corrected.status, 201, corrected.text);
    assert.deepEqual([corrected.json.version, corrected.json.total], [2, 5]);
    const third = await proxy.ask(center, 'POST', '/received-reports', { ...paper, organization_id: places[1] });
    const dropped = third.headers.location.replace('/api/v1', '');
    assert.deepEqual(fields_of(await proxy.ask(center, 'POST', `${dropped}/finish`, { state: 'dropped' })), ['reason']);
    assert.equal((await proxy.ask(center, 'POST', `${dropped}/finish`, { state: 'dropped', reason: '広告' })).json.state, 'dropped');
    assert.equal((await proxy.ask(center, 'GET', '/received-reports')).json.received_reports.length, 0);
    assert.equal((await proxy.ask(center, 'GET', '/received-reports?state=finished')).json.received_reports.length, 3);

    const again = await proxy.ask(center, 'POST', `/daily-reports/${today}/corrections`, { organization_id: places[0], version: 2, reason: '再確認', ...figures({ age_30: 4 }) });
    assert.deepEqual([again.status, again.json.version, again.json.total], [201, 3, 4], again.text);
    assert.equal((await proxy.ask(center, 'POST', `/daily-reports/${today}/corrections`, { organization_id: places[0], version: 2, reason: '再確認', ...figures() })).status, 412);
    const day = await proxy.ask(center, 'GET', `/daily-reports/${today}?organization_id=${places[0]}`);
    assert.equal(day.json.versions.length, 3);
}

async function report_oneself(product, proxy, { center }, places) {
    const clerk = await staff(product, proxy, center, places[120], 'facility_staff', '潮');
    const key = { 'idempotency-key': 'clinic-today' };
    const adjustment = { adjusted_date: japan_date(product, 1), reason: '前日の報告漏れ', age_50: 2 };
    const body = { report_date: japan_date(product), ...figures({ age_0: 1 }), adjustment };
    const wrong = await proxy.ask(clerk, 'POST', '/daily-reports', { ...body, adjustment: { ...adjustment, age_50: -2 } }, key);
    assert.equal(wrong.status, 400, 'fewer than were reported');
    const sent = await proxy.ask(clerk, 'POST', '/daily-reports', body, key);
    assert.equal(sent.status, 201, sent.text);
    assert.equal((await proxy.ask(clerk, 'POST', '/daily-reports', body, key)).json.receipt_number, sent.json.receipt_number);
    const day = (await proxy.ask(clerk, 'GET', `/daily-reports/${japan_date(product)}`)).json;
    assert.deepEqual([day.total, day.adjustments[0].total, day.adjustments[0].reason], [1, 2, '前日の報告漏れ']);
    assert.equal((await proxy.ask(clerk, 'GET', `/daily-reports/${japan_date(product)}?organization_id=${places[0]}`)).status, 404, 'another one\'s');
    const mended = await proxy.ask(clerk, 'POST', `/daily-reports/${japan_date(product)}/corrections`, { version: 1, reason: '入力誤り', ...figures({ age_0: 2 }) });
    assert.deepEqual([mended.status, mended.json.version], [201, 2], mended.text);
    assert.deepEqual((await proxy.ask(clerk, 'GET', '/daily-reports/drafts')).json.drafts, []);
    assert.deepEqual((await proxy.ask(center, 'GET', '/daily-reports/drafts')).json.drafts, []);
    const own = await proxy.ask(clerk, 'POST', '/report-imports', { rows: [{ institution_code: institution_code(100), report_date: japan_date(product), ...figures() }] });
    assert.equal(own.json.rows.left_out, 1, 'a clinic reports for itself alone');
    assert.equal((await proxy.ask(clerk, 'GET', '/received-reports')).status, 403);
    return clerk;
}

async function hand_over(product, proxy, { center }, places) {
    const account = (await proxy.ask(center, 'POST', '/accounts', { organization_id: places[130], family_name: '浜', given_name: '真理', handover: 'by_letter' })).json.account;
    const contact = `/organizations/${places[130]}/handover-contact`;
    assert.equal((await proxy.ask(center, 'GET', contact)).status, 404);
    assert.equal((await proxy.ask(center, 'POST', `/accounts/${account.id}/handover-links`, {})).status, 409, 'nobody to send it to');
    assert.deepEqual(fields_of(await proxy.ask(center, 'PUT', contact, { phone: '03-1234-5678' })), ['phone'], 'no text reaches a fixed line');
    const put = await proxy.ask(center, 'PUT', contact, { phone: '０９０−１２３４−５６７８' });
    assert.equal(put.status, 200, put.text);
    assert.ok(put.json.phone.endsWith('5678') && !put.json.phone.includes('1234'), put.text);
    const sent = await proxy.ask(center, 'POST', `/accounts/${account.id}/handover-links`, {});
    assert.equal(sent.status, 202, sent.text);
    assert.ok(!/1234/.test(sent.text) && !/http/.test(sent.text), 'neither the number nor the link');
    assert.equal((await proxy.ask(center, 'POST', `/accounts/${account.id}/handover-links`, {})).status, 409, 'who has not seen the first one');
    const again = await proxy.ask(center, 'POST', `/accounts/${account.id}/handover-links`, { last_link: sent.json.links[0].id });
    assert.equal(again.status, 202, again.text);
    const { links } = (await proxy.ask(center, 'GET', `/accounts/${account.id}/handover-links`)).json;
    assert.deepEqual([links.length, links[1].state], [2, 'replaced']);
    assert.equal((await proxy.ask(center, 'DELETE', contact)).status, 204);
    assert.equal((await proxy.ask(center, 'GET', '/accounts/999999/handover-links')).status, 404);
    const batch = await proxy.ask(center, 'POST', '/account-batches', { atomic: true, rows: [{ institution_code: institution_code(231), family_name: '磯', given_name: '薫' }] });
    const target = batch.headers.location.replace('/api/v1', '');
    const texted = await proxy.ask(center, 'POST', `${target}/handover-links`, {});
    assert.deepEqual([texted.status, texted.json], [202, { sent: 0, without_contact: 1, to_be_sent_later: 0 }]);
}

async function look_after_unused(product, proxy, { center }, places) {
    const account = (await proxy.ask(center, 'POST', '/accounts', { organization_id: places[140], family_name: '岬', given_name: '誠' })).json.account;
    assert.equal((await proxy.ask(center, 'POST', `/accounts/unused/${account.id}/keep`, { reason: '春に使う' })).status, 404, 'it is new');
    // As the daily task lists it.
    await product.psql(product.database, `insert into dormant_accounts (account_id, organization_path, why, listed_at, suspend_at)
        select a.id, o.path, 'never_signed_in', now(), now() + interval '14 days' from accounts a join organizations o on o.id = a.organization_id where a.id = ${account.id}`);
    const [listed] = (await proxy.ask(center, 'GET', '/accounts/unused?why=never_signed_in')).json.accounts;
    assert.deepEqual([listed.account_id, listed.state], [account.id, 'warned']);
    assert.deepEqual(fields_of(await proxy.ask(center, 'POST', `/accounts/unused/${account.id}/keep`, { reason: '' })), ['reason']);
    const kept = await proxy.ask(center, 'POST', `/accounts/unused/${account.id}/keep`, { reason: '春に使う' });
    assert.equal(kept.json.state, 'kept', kept.text);
    const suspended = await proxy.ask(center, 'POST', `/accounts/unused/${account.id}/suspend`, { reason: '閉院' });
    assert.deepEqual([suspended.status, suspended.json.account_state], [200, 'suspended'], suspended.text);
    assert.equal((await proxy.ask(center, 'GET', '/accounts/unused')).json.accounts.length, 0);
}

async function help_callers(product, proxy, { ministry, center }, clerk) {
    const desk = await proxy.ask(ministry, 'POST', '/organizations', { kind: 'helpdesk', parent_id: (await proxy.ask(ministry, 'GET', '/me')).json.organization.id, name: '全国ヘルプデスク' });
    assert.equal(desk.status, 201, desk.text);
    const operator = await staff(product, proxy, ministry, desk.json.id, 'helpdesk_operator', '案内');
    assert.equal((await proxy.ask(center, 'GET', encodeURI('/helpdesk/accounts?q=潮'))).status, 403, 'for the helpdesk alone');
    const found = (await proxy.ask(operator, 'GET', `/helpdesk/accounts?q=${encodeURIComponent(clerk.account.login_id)}`)).json;
    assert.equal(found.accounts.length, 1, JSON.stringify(found));
    assert.ok(found.accounts[0].login_id.includes('•'), 'masked');
    const { id } = found.accounts[0];
    for (const path of ['/accounts', '/accounts/slowed', `/accounts/${id}`, `/accounts/${id}/history`, '/organizations', `/organizations/${clerk.account.organization.id}`, `/grants?account=${id}`]) {
        assert.equal((await proxy.ask(operator, 'GET', path)).status, 403, `a helpdesk looks caller by caller, masked: ${path}`);
    }
    assert.equal((await proxy.ask(operator, 'POST', `/accounts/${id}/unlock`, { reason: '本人から電話' })).status, 403, 'not past the questions');
    const opened = await proxy.ask(operator, 'POST', '/helpdesk/cases', { account_id: found.accounts[0].id });
    assert.equal(opened.status, 201, opened.text);
    const target = opened.headers.location.replace('/api/v1', '');
    const say = (check_name, said) => proxy.ask(operator, 'POST', `${target}/checks`, { check: check_name, said });
    assert.equal((await proxy.ask(operator, 'POST', `${target}/finish`, { end: 'unlock' })).status, 409, 'nobody has been told from a stranger');
    assert.equal((await say('person', '別人')).json.checks.person.matched, false);
    assert.equal((await say('person', '潮 一郎')).json.checks.person.matched, true);
    assert.equal((await say('organization', institution_code(220).slice(-4))).json.checks.organization.matched, true);
    const verified = await say('callback', '03-0000-1042');
    assert.ok(verified.json.verified, verified.text);
    const ended = await proxy.ask(operator, 'POST', `${target}/finish`, { end: 'unlock' });
    assert.deepEqual([ended.status, ended.json.outcome, ended.json.over], [200, 'unlock', true], ended.text);
    assert.equal((await proxy.ask(center, 'GET', target)).status, 403, 'for the helpdesk alone');
    const log = (await proxy.ask(ministry, 'GET', '/audit?action=helpdesk.find')).json.events;
    assert.ok(log.length > 0, 'every look is in the log');
}

await main('desk', 1, async (product) => {
    await product.server.start();
    const document = JSON.parse((await send({ server: product.server, method: 'GET', path: '/api/v1/openapi.json' })).text);
    const proxy = await Proxy.start(product, document);
    try {
        let country, places, clerk;
        await check('a country', async () => { country = await build_country(product, proxy); });
        await check('organizations by the hundred', async () => { places = await import_organizations(proxy, country); });
        await check('reports by the hundred, unusual ones, all of them as of an instant', () => import_reports(product, proxy, country, places));
        await check('reports that came on paper', () => type_for_others(product, proxy, country, places));
        await check('a clinic\'s own, with an adjustment and a correction', async () => { clerk = await report_oneself(product, proxy, country, places); });
        await check('initial passwords by one-time links', () => hand_over(product, proxy, country, places));
        await check('accounts that nobody uses', () => look_after_unused(product, proxy, country, places));
        await check('callers', async () => { await help_callers(product, proxy, country, clerk); return `${proxy.asked} requests went by the document`; });
    } finally {
        proxy.child.kill();
    }
}, { 'reports.corrections': 'retroactive' });
