// One of everything that the API knows, for tests that send something to each of its operations.
import assert from 'node:assert/strict';

import { fresh_step, totp_code, until } from '../fault/product.mjs';
import { confirm, institution_code, staff } from './country.mjs';
import { raw } from './proxy.mjs';

const kDay_ms = 86_400_000;
export const kMethods = ['get', 'post', 'put', 'patch', 'delete']; // of the document
const kBands = ['age_0', 'age_1_4', 'age_5_9', 'age_10', 'age_20', 'age_30', 'age_40', 'age_50', 'age_60_64', 'age_65_69', 'age_70', 'age_80', 'age_90', 'age_unknown'];
const japan_date = (product, days = 0) => new Date(product.now_ms() + 9 * 3_600_000 - days * kDay_ms).toISOString().slice(0, 10);

// --- what there is ---

/** ask(who, method, target, body, headers): straight to the server. */
export const asker = (product) => (who, method, target, body, headers = {}) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return raw(product, who, method, target, body === undefined ? '' : JSON.stringify(body), { ...type, ...headers });
};

/** What is made up at random are small numbers: they shall not name those who carry the run. */
export async function lift_ids(product) {
    for (const table of ['organizations', 'accounts', 'grants', 'sessions']) {
        const sequence = (await product.psql(product.database, `select pg_get_serial_sequence('${table}', 'id')`)).trim();
        if (sequence) {
            await product.psql(product.database, `select setval('${sequence}', 710000000)`);
        }
    }
}

/** A clinic asks for an ID, by its pages. */
async function apply(product, health_center, number) {
    const visitor = product.visitor();
    const form = {
        institution_code: institution_code(number), institution_name: 'わかば内科', institution_kana: 'ワカバナイカ', postal_code: '100-0001', prefecture: '13', address: '千代田区千代田2-2',
        family_name: '若葉', given_name: 'ひかる', family_kana: '', given_kana: '', phone: `090-0000-88${number}`, by: 'sms', note: '',
    };
    await visitor.get('/apply');
    visitor.page = await visitor.post('/apply', form);
    await visitor.go('/apply/start', { ...form, health_center }, '/apply/code');
    const code = await until('the code', 10_000, async () => {
        const sent = await product.rows(`select id from applications where state = 'unconfirmed'`);
        assert.equal(sent.length, 1);
        const page = await product.visitor().get('/development/inbox');
        return page.text.match(/<p class="message">[^<]*?(?<!\d)(\d{6})(?!\d)/)?.[1];
    }, 100);
    await visitor.go('/apply/code', { code }, '/apply/done');
    return String((await product.rows('select max(id) as id from applications'))[0].id);
}

/** Another session of somebody, for them to end. */
export async function other_session(product, ask, client) {
    await product.set_clock(product.offset_seconds + 60); // a code serves once
    const flow = await ask(product.api_client(), 'POST', '/sign-in', { login_id: client.person.login_id, password: client.person.password });
    const step = fresh_step(product, client.person);
    const session = await ask(product.api_client(), 'POST', '/sign-in/second-step', { flow: flow.json.flow, code: totp_code(client.person.key, step) });
    assert.equal(session.status, 200, session.text);
    client.person.used_step = step;
}

export async function populate(product, ask, { ministry, prefecture, center, center_id }) {
    const make = async (who, target, body, statuses = [201, 202], headers = {}) => {
        const made = await ask(who, 'POST', target, body, headers);
        assert.ok(statuses.includes(made.status), `${target}: ${made.status} ${made.text}`);
        return made.json;
    };
    const today = japan_date(product);
    const known = {
        codes: [1, 2, 3, 4, 5].map(institution_code), dates: [today, japan_date(product, 1)], times: [new Date(product.now_ms() - 3_600_000).toISOString()], days_ahead: [japan_date(product, -20)],
        names: ['試験', 'みさき'], kanas: ['シオカゼ'], phones: ['03-0000-1042', '090-1234-5678'], postal_codes: ['100-0001'], local_codes: ['130001'],
        urls: ['https://127.0.0.1:9/in'], tags: ['*'], above: [center_id, product.prefecture],
    };
    known.organizations = [];
    for (const code of known.codes) {
        known.organizations.push((await make(center, '/organizations', { kind: 'facility', parent_id: center_id, name: `みさき${code}診療所`, kana: 'ミサキシンリョウジョ', institution_code: code, phone: '03-0000-1042' })).id);
    }
    const [place, second] = known.organizations;
    const clerk = await staff(product, { ask }, center, place, 'facility_staff', '潮');
    const operator = await staff(product, { ask }, ministry, product.helpdesk, 'helpdesk_operator', '案内');
    known.accounts = [];
    for (const family_name of ['岬', '磯', '浜', '沖', '港', '島']) {
        known.accounts.push((await make(center, '/accounts', { organization_id: second, family_name, given_name: '真理', handover: 'by_letter' })).account.id);
    }
    known.login_ids = [(await ask(center, 'GET', `/accounts/${known.accounts[0]}`)).json.login_id];
    await product.psql(product.database, `insert into dormant_accounts (account_id, organization_path, why, listed_at, suspend_at)
        select a.id, o.path, 'never_signed_in', now(), now() + interval '14 days' from accounts a join organizations o on o.id = a.organization_id where a.id in (${known.accounts.slice(0, 3)})`);
    known.grants = (await Promise.all(known.accounts.slice(2).map((id) => ask(center, 'GET', `/grants?account=${id}`)))).flatMap(({ json }) => json.grants.map(({ id }) => id));
    const row = { institution_code: known.codes[0], family_name: '試験', given_name: '薫' };
    known.batches = [(await make(center, '/account-batches', { atomic: true, rows: [row] })).id];
    for (const given_name of ['誠', '渚', '光', '翼']) {
        known.batches.push((await make(center, '/account-batches', { check_only: true, rows: [{ ...row, given_name }] })).id);
    }
    known.organization_imports = [];
    known.report_imports = [];
    for (const number of [11, 12, 13]) {
        const clinic = { kind: 'facility', parent_id: center_id, name: `うみ${number}医院`, institution_code: institution_code(number) };
        known.organization_imports.push((await make(center, '/organization-imports', { check_only: true, rows: [clinic] })).id);
        known.report_imports.push((await make(center, '/report-imports', { check_only: true, rows: [{ institution_code: known.codes[1], report_date: japan_date(product, number - 10), kind: 'zero' }] })).id);
    }
    const figures = Object.fromEntries(kBands.map((band) => [band, 0]));
    const received_at = new Date(product.now_ms() - 60_000).toISOString();
    known.received_reports = [];
    for (const organization_id of known.organizations.slice(1)) {
        known.received_reports.push((await make(center, '/received-reports', { organization_id, report_date: today, received_by: 'fax', received_at })).id);
    }
    await make(center, '/report-imports', { atomic: true, accept_warnings: true, rows: [{ institution_code: known.codes[0], report_date: japan_date(product, 1), ...figures, age_20: 10_000 }] });
    known.unusual_reports = (await ask(center, 'GET', '/unusual-reports')).json.reports.map(({ id }) => id);
    await make(center, '/report-imports', { atomic: true, rows: [2, 3].map((index) => ({ institution_code: known.codes[index], report_date: today, ...figures })) });
    for (const id of known.organizations.slice(1, 3)) {
        assert.equal((await ask(center, 'PUT', `/organizations/${id}/handover-contact`, { phone: '090-1234-5678' })).status, 200);
    }
    known.requests = [];
    for (const family_name of ['東野', '西野', '南野']) {
        known.requests.push((await make(prefecture, '/accounts', { organization_id: center_id, role: 'health_center_admin', family_name })).approval_request_id);
    }
    known.applications = [];
    for (const number of [31, 32]) {
        known.applications.push(await apply(product, center_id, number));
    }
    known.cases = [];
    for (const account_id of [clerk.account.id]) {
        known.cases.push((await make(operator, '/helpdesk/cases', { account_id })).id);
    }
    await confirm(product, { ask }, center);
    known.tokens = [];
    for (const name of ['一', '二', '三']) {
        known.tokens.push((await make(center, '/tokens', { name, organization_id: center_id, scopes: ['directory:read'], expires_at: japan_date(product, -30) })).id);
    }
    known.webhooks = [];
    for (const name of ['一', '二', '三']) {
        known.webhooks.push((await make(center, '/webhooks', { name, url: `https://127.0.0.1:9/${known.webhooks.length}`, organization_id: center_id })).id);
    }
    known.events = (await ask(center, 'GET', '/events?limit=5')).json.events.map(({ id }) => id);
    known.organizations.shift(); // the clerk's own
    known.codes.push(...[41, 42, 43, 44, 45].map(institution_code));
    return { known, clerk, operator };
}

// --- what is sent ---

/** By the beginning of the path: what its ids are. */
const kPlaces = [
    ['/me/second-steps/', 'second_steps'], ['/me/sessions/', 'sessions'], ['/organizations/', 'organizations'], ['/organization-imports/', 'organization_imports'], ['/accounts/', 'accounts'],
    ['/account-batches/', 'batches'], ['/grants/', 'grants'], ['/requests/', 'requests'], ['/applications/', 'applications'], ['/report-imports/', 'report_imports'],
    ['/received-reports/', 'received_reports'], ['/unusual-reports/', 'unusual_reports'], ['/helpdesk/cases', 'cases'], ['/tokens/', 'tokens'], ['/webhooks/', 'webhooks'],
];
export const kPathNames = { id: undefined, account: 'accounts', date: 'dates', event: 'events' };

export const ids_of = (target) => kPlaces.find(([beginning]) => target.startsWith(beginning))?.[1];

/** What an operation takes and answers with success, so that what is made up differs from it in little. */
export function good_bodies(known, { center, center_id }) {
    const [today, yesterday] = known.dates;
    const [name] = known.names;
    const figures = Object.fromEntries(kBands.map((band) => [band, 0]));
    const person = { login_id: center.person.login_id, password: center.person.password };
    return {
        signIn: person, confirmIdentity: { password: person.password }, changeSecondStep: { name }, startForgottenPassword: { login_id: person.login_id, way: 'totp' },
        createOrganization: { kind: 'facility', parent_id: center_id, name, kana: known.kanas[0], institution_code: institution_code(51), phone: known.phones[0] },
        editOrganization: { phone: known.phones[1] }, actOnOrganization: { reason: name }, registerHandoverContact: { phone: known.phones[1] },
        changeReportSchedule: { ...Object.fromEntries(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, true])), version: 0 },
        importOrganizations: { rows: [{ kind: 'facility', parent_id: center_id, name, institution_code: institution_code(52) }] },
        issueAccount: { organization_id: known.organizations[0], family_name: name }, renameAccount: { given_name: name }, decideOnUnusedAccount: { reason: name }, sendHandoverLink: { printed_before: 0 }, actOnAccount: { reason: name },
        issueManyAccounts: { rows: [{ institution_code: known.codes[1], family_name: name }] },
        giveRole: { account: known.accounts[5], organization_id: known.organizations[1], role: 'facility_staff', reason: name }, revokeRole: { reason: name },
        decideRequest: { reason: name }, decideApplication: { reason: name },
        submitDailyReport: { report_date: today, ...figures }, correctDailyReport: { organization_id: known.organizations[2], version: 1, reason: name, ...figures, age_30: 1 },
        importReports: { rows: [{ institution_code: known.codes[4], report_date: yesterday, kind: 'zero' }] },
        registerReceivedReport: { organization_id: known.organizations[3], report_date: yesterday, received_by: 'fax', received_at: known.times[0] },
        reportReceived: { version: 1, ...figures }, correctByReceived: { version: 1, report_version: 1, reason: name, ...figures, age_20: 1 }, finishReceivedReport: { state: 'dropped', reason: name },
        reviewReport: { state: 'seen' }, openHelpdeskCase: { account_id: known.accounts[4] }, checkCaller: { check: 'person', said: name }, finishHelpdeskCase: { end: 'unverified' },
        makeToken: { name, organization_id: center_id, scopes: ['directory:read'], expires_at: known.days_ahead[0] }, makeWebhook: { name, url: known.urls[0], organization_id: center_id },
    };
}
/** What the good body is for, where it isn't for every act. */
export const kActs = { decideApplication: 'decline' };
