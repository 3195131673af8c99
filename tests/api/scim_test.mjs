// SCIM 2.0 as an identity system uses it: discovery, accounts made, found, changed and closed, roles given and taken, bulks, versions,
// refusals. What a filter finds and what a PATCH makes is held against scimmy, another reading of the same RFCs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import SCIMMY from 'scimmy';

import { check, main } from '../fault/product.mjs';
import { Asker, build_country, confirm, institution_code } from './country.mjs';

const kHere = path.dirname(fileURLToPath(import.meta.url));
const kPython = path.join(kHere, '../../build/api-testers/bin/python'); // ops/test installs it
const kUser = 'urn:ietf:params:scim:schemas:core:2.0:User';
const kGroup = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const kUserExtension = 'urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User';
const kGroupExtension = 'urn:ietf:params:scim:schemas:extension:madoguchi:2.0:Group';
const kPatch = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const kBulk = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const kSearch = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

function is_error(answer, status, scim_type, what = '') {
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
    assert.match(answer.headers['content-type'], /^application\/scim\+json/, what);
    assert.deepEqual(answer.json.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'], what);
    assert.equal(answer.json.status, String(status), what);
    assert.equal(answer.json.scimType, scim_type, `${what}: ${answer.text}`);
    assert.ok(answer.json.detail, what);
}

const patch = (...operations) => ({ schemas: [kPatch], Operations: operations });
const user = (organization, userName, familyName, more = {}) => {
    const { extension, ...rest } = more;
    return { schemas: [kUser, kUserExtension], userName, name: { familyName }, [kUserExtension]: { organization: { id: organization }, ...extension }, ...rest };
};
const encoded = (query) => new URLSearchParams(query).toString();

async function token_of(product, rest, client, organization_id, scopes) {
    await confirm(product, rest, client);
    const made = await rest.ask(client, 'POST', '/tokens', { name: `SCIM ${scopes.length} ${Math.random()}`, organization_id, scopes, expires_at: new Date(Date.now() + 86_400_000 * 30).toISOString().slice(0, 10) });
    assert.equal(made.status, 201, made.text);
    const script = product.api_client();
    script.token = made.json.token;
    return script;
}

async function discover(scim, nobody) {
    const config = await scim.ask(nobody, 'GET', '/ServiceProviderConfig');
    assert.equal(config.status, 200, config.text);
    assert.match(config.headers['content-type'], /^application\/scim\+json/);
    assert.deepEqual([config.json.patch.supported, config.json.bulk.supported, config.json.filter.supported, config.json.sort.supported, config.json.etag.supported], [true, true, true, true, true]);
    for (const kind of ['Schemas', 'ResourceTypes']) {
        const all = await scim.ask(nobody, 'GET', `/${kind}`);
        assert.equal(all.json.totalResults, all.json.Resources.length);
        for (const one of all.json.Resources) {
            const shown = await scim.ask(nobody, 'GET', `/${kind}/${one.id}`);
            assert.deepEqual(shown.json, one);
            assert.ok(one.meta.location.endsWith(`/scim/v2/${kind}/${one.id}`));
        }
        is_error(await scim.ask(nobody, 'GET', `/${kind}?filter=${encodeURIComponent('id eq "User"')}`), 403, undefined, kind);
        is_error(await scim.ask(nobody, 'GET', `/${kind}/nothing`), 404, undefined, kind);
    }
    is_error(await scim.ask(nobody, 'GET', '/Users'), 401, undefined, 'nobody');
    is_error(await scim.ask(nobody, 'GET', '/Nothing'), 404, undefined, 'no such endpoint');
    is_error(await scim.ask(nobody, 'DELETE', '/Users'), 405, undefined, 'DELETE');
}

async function make_users(scim, script, clinic, domain) {
    const first = await scim.ask(script, 'POST', '/Users', user(clinic, `scim-a@${domain}`, '髙橋', { name: { familyName: '髙橋', givenName: '花子' }, externalId: 'emp-0001', extension: { familyKana: 'ﾀｶﾊｼ', givenKana: 'はなこ' }, emails: [{ value: 'a@example.jp' }] }));
    assert.equal(first.status, 201, first.text);
    assert.ok(first.headers.location.endsWith(`/scim/v2/Users/${first.json.id}`));
    assert.equal(first.headers.etag, first.json.meta.version);
    assert.equal(first.json[kUserExtension].familyKana, 'タカハシ');
    assert.equal(first.json[kUserExtension].institutionCode, institution_code(1));
    assert.equal(first.json[kUserExtension].state, 'pending', 'its letter is not printed yet');
    assert.equal(first.json.groups.length, 1);
    assert.ok(!/password/i.test(first.text));
    is_error(await scim.ask(script, 'POST', '/Users', user(clinic, `SCIM-A@${domain}`, '別人')), 409, 'uniqueness', 'the same name');
    const made = [first.json];
    for (const [number, family, given, active] of [['b', '佐藤', '次郎', true], ['c', 'Smith', 'Anna', false], ['d', '医療係', '', true], ['e', 'smith', 'Bo', true]]) {
        const one = await scim.ask(script, 'POST', '/Users', user(clinic, `scim-${number}@${domain}`, family, { name: { familyName: family, givenName: given || undefined }, active, externalId: active ? `emp-${number}` : undefined }));
        assert.equal(one.status, 201, one.text);
        assert.equal(one.json.active, active);
        made.push(one.json);
    }
    const shown = await scim.ask(script, 'GET', `/Users/${first.json.id}`);
    assert.deepEqual(shown.json, first.json);
    assert.equal((await scim.ask(script, 'GET', `/Users/${first.json.id}`, undefined, { 'if-none-match': shown.headers.etag })).status, 304);
    const only = await scim.ask(script, 'GET', `/Users/${first.json.id}?attributes=userName,name.familyName,${kUserExtension}:state`);
    assert.deepEqual(Object.keys(only.json).sort(), ['id', 'name', 'schemas', kUserExtension, 'userName'].sort());
    assert.deepEqual(only.json.name, { familyName: '髙橋' });
    const except = await scim.ask(script, 'GET', `/Users/${first.json.id}?excludedAttributes=meta,groups,id`);
    assert.ok(except.json.id && !except.json.meta && !except.json.groups);
    return made;
}

const kFilters = (domain, users) => [
    `userName eq "scim-a@${domain}"`, `userName eq "SCIM-A@${domain}"`, `userName ne "scim-a@${domain}"`, 'userName co "CIM-"', 'userName sw "scim-"', `userName ew "${domain}"`,
    'externalId eq "emp-0001"', 'externalId eq "EMP-0001"', 'externalId pr', 'not (externalId pr)', 'name.familyName eq "smith"', 'name.givenName pr', 'name.familyName gt "a"', 'name.familyName le "Smith"',
    'active eq true', 'active eq false', 'active ne true', 'active eq true and name.familyName sw "s"', 'active eq false or externalId eq "emp-b"', '(active eq true or externalId pr) and not (name.familyName eq "佐藤")',
    'displayName co "花"', `id eq "${users[1].id}"`, `meta.created ge "${users[0].meta.created}"`, 'meta.created lt "2000-01-01T00:00:00Z"', `meta.lastModified le "2099-01-01T00:00:00Z"`,
    'groups[display co "facility"]', `groups.value eq "${users[0].groups[0].value}"`, `groups[value eq "${users[0].groups[0].value}" and type eq "direct"]`, 'groups[value eq "0-nothing"]',
    `urn:ietf:params:scim:schemas:core:2.0:User:userName eq "scim-b@${domain}"`, 'USERNAME SW "scim-"', 'name.familyName eq "佐藤"',
];

async function find_users(scim, script, users, domain) {
    const all = await scim.ask(script, 'GET', '/Users?count=200');
    assert.equal(all.json.totalResults, all.json.Resources.length);
    const resources = all.json.Resources;
    let compared = 0;
    for (const filter of kFilters(domain, users)) {
        const found = await scim.ask(script, 'GET', `/Users?${encoded({ filter, count: 200 })}`);
        assert.equal(found.status, 200, `${filter}: ${found.text}`);
        const searched = await scim.ask(script, 'POST', '/Users/.search', { schemas: [kSearch], filter, count: 200 });
        assert.deepEqual(searched.json.Resources, found.json.Resources, filter);
        const ids = found.json.Resources.map(({ id }) => id);
        assert.deepEqual(ids, expected(resources, filter), filter);
        compared += 1;
    }
    for (const filter of ['groups pr', `schemas eq "${kUser}"`]) { // scimmy has no words for these
        assert.equal((await scim.ask(script, 'GET', `/Users?${encoded({ filter })}`)).json.totalResults, resources.length, filter);
    }
    for (const filter of ['', 'userName', 'userName eq', 'userName eq scim', 'userName xx "a"', 'nothing eq "a"', '(userName pr', 'userName pr)', 'active gt true', 'active eq "true"', 'meta.created gt "yesterday"', 'userName eq "a" and', 'name eq "a"', 'not userName pr', 'groups[value eq "a"', `${'('.repeat(40)}userName pr${')'.repeat(40)}`]) {
        is_error(await scim.ask(script, 'GET', `/Users?${encoded({ filter })}`), 400, 'invalidFilter', filter);
    }
    const family = ({ name }) => name.familyName.toLowerCase();
    for (const [sortOrder, sign] of [['ascending', 1], ['descending', -1]]) {
        const sorted = await scim.ask(script, 'GET', `/Users?${encoded({ sortBy: 'name.familyName', sortOrder, count: 200 })}`);
        const names = sorted.json.Resources.map(family);
        assert.deepEqual(names, [...names].sort((a, b) => sign * Buffer.compare(Buffer.from(a), Buffer.from(b))), sortOrder);
    }
    const ids = [];
    for (let startIndex = 1; startIndex <= resources.length; startIndex += 2) {
        const page = await scim.ask(script, 'GET', `/Users?${encoded({ startIndex, count: 2 })}`);
        assert.deepEqual([page.json.totalResults, page.json.startIndex], [resources.length, startIndex]);
        ids.push(...page.json.Resources.map(({ id }) => id));
    }
    assert.deepEqual(ids, resources.map(({ id }) => id), 'page by page, each once');
    assert.deepEqual((await scim.ask(script, 'GET', '/Users?count=0')).json.Resources, []);
    assert.equal((await scim.ask(script, 'GET', '/Users?startIndex=-4&count=-2')).json.totalResults, resources.length);
    for (const query of ['startIndex=x', 'count=1.5', 'sortBy=nothing', 'sortOrder=sideways', 'attributes=userName&excludedAttributes=name']) {
        is_error(await scim.ask(script, 'GET', `/Users?${query}`), 400, 'invalidValue', query);
    }
    return `${compared} filters find what scimmy finds`;
}

/** What scimmy finds in the same resources. Where it reads the RFCs otherwise, the difference is named here. */
function expected(resources, filter) {
    // RFC 7643 §8.7.1: externalId is caseExact; userName and names are not. scimmy compares all text exactly but for `eq` of none.
    const fold = (text) => text.replaceAll(/"(?:[^"\\]|\\.)*"/g, (quoted) => quoted.toLowerCase());
    const exact = /externalId|^id |meta\.|groups|schemas/.test(filter);
    const rows = exact ? resources : JSON.parse(JSON.stringify(resources), (key, value) => (typeof value === 'string' && key !== 'id' ? value.toLowerCase() : value));
    // It loses a `not (...)` behind a bracketed `or`.
    const plain = filter.replace('and not (name.familyName eq "佐藤")', 'and name.familyName ne "佐藤"').replace(/^urn:ietf:params:scim:schemas:core:2\.0:User:/, '').replace(/^USERNAME SW/, 'userName sw').replaceAll(/\bactive ne true\b/g, 'active eq false');
    return new SCIMMY.Types.Filter(exact ? plain : fold(plain)).match(rows).map(({ id }) => id);
}

async function change_users(scim, script, users, domain, clinic, other_clinic) {
    const target = `/Users/${users[1].id}`;
    const change = async (operations, headers) => {
        const answer = await scim.ask(script, 'PATCH', target, patch(...operations), headers);
        assert.equal(answer.status, 200, answer.text);
        return answer;
    };
    // The same operations by scimmy on the same resource.
    const kOperations = [
        [{ op: 'replace', path: 'name.familyName', value: '鈴木' }], [{ op: 'Replace', value: { name: { givenName: '三郎' } } }], [{ op: 'add', path: 'externalId', value: 'emp-77' }],
        [{ op: 'remove', path: 'externalId' }], [{ op: 'add', value: { externalId: 'emp-78', active: false } }], [{ op: 'replace', path: 'active', value: true }], [{ op: 'remove', path: 'name.givenName' }],
        [{ op: 'add', path: 'name', value: { givenName: '四郎' } }], [{ op: 'replace', path: 'name.givenName', value: '五郎' }, { op: 'remove', path: 'externalId' }, { op: 'add', path: 'externalId', value: 'emp-79' }],
    ];
    let compared = 0;
    for (const operations of kOperations) {
        const before = (await scim.ask(script, 'GET', target)).json;
        const answer = await change(operations);
        const outline = ({ name, externalId, active }) => ({ familyName: name.familyName, givenName: name.givenName, externalId, active });
        const plain = { schemas: [kUser], id: before.id, userName: before.userName, name: { familyName: before.name.familyName, givenName: before.name.givenName }, active: before.active, ...(before.externalId ? { externalId: before.externalId } : {}) };
        const wanted = await new SCIMMY.Messages.PatchOp({ schemas: [kPatch], Operations: operations.map((one) => ({ ...one, op: one.op.toLowerCase() })) })
            .apply(new SCIMMY.Schemas.User(plain), (patched) => patched);
        const theirs = wanted ? JSON.parse(JSON.stringify(wanted)) : plain; // nothing: nothing changed
        assert.deepEqual(outline(answer.json), outline(theirs), JSON.stringify(operations));
        compared += 1;
    }
    await change([{ op: 'replace', path: 'name.formatted', value: 'x' }, { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@example.jp' }]); // taken, not kept
    const kana = await change([{ op: 'replace', path: `${kUserExtension}:familyKana`, value: 'スズキ' }]);
    assert.equal(kana.json[kUserExtension].familyKana, 'スズキ');
    assert.ok(kana.json.meta.lastModified > users[1].meta.lastModified || kana.json.meta.lastModified >= users[1].meta.created);
    const refused = async (status, type, ...operations) => is_error(await scim.ask(script, 'PATCH', target, patch(...operations)), status, type, JSON.stringify(operations));
    await refused(400, 'mutability', { op: 'replace', path: 'userName', value: `other@${domain}` });
    await refused(400, 'mutability', { op: 'replace', path: 'id', value: '1' });
    await refused(400, 'mutability', { op: 'replace', path: 'groups', value: [] });
    await refused(400, 'mutability', { op: 'replace', path: 'password', value: 'Passw0rd!' });
    await refused(400, 'mutability', { op: 'remove', path: 'name.familyName' });
    await refused(400, 'noTarget', { op: 'remove' });
    await refused(400, 'invalidPath', { op: 'replace', path: 'nothing', value: 'x' });
    await refused(400, 'invalidPath', { op: 'replace', path: 'name[', value: 'x' });
    await refused(400, 'invalidSyntax', { op: 'move', path: 'active', value: true });
    await refused(400, 'invalidValue', { op: 'replace', path: 'active', value: 'True' });
    await refused(400, 'invalidValue', { op: 'replace', path: `${kUserExtension}:familyKana`, value: '漢字' });
    await refused(400, 'mutability', { op: 'replace', path: 'name.familyName', value: 'まとめて' }, { op: 'replace', path: 'userName', value: 'x' });
    assert.equal((await scim.ask(script, 'GET', target)).json.name.familyName, '鈴木', 'all or none');

    const old = (await scim.ask(script, 'GET', target)).headers.etag;
    const whole = { ...user(clinic, users[1].userName, '鈴木', { externalId: 'emp-80' }), name: { familyName: '鈴木', givenName: '六郎' } };
    const put = await scim.ask(script, 'PUT', target, whole, { 'if-match': old });
    assert.equal(put.status, 200, put.text);
    assert.equal(put.json[kUserExtension].familyKana, undefined, 'what a PUT leaves out is gone');
    is_error(await scim.ask(script, 'PUT', target, whole, { 'if-match': old }), 412, undefined, 'an old version');
    is_error(await scim.ask(script, 'PUT', target, { ...whole, userName: `x@${domain}` }), 400, 'mutability', 'userName');
    is_error(await scim.ask(script, 'PUT', target, user(other_clinic, users[1].userName, '鈴木')), 400, 'mutability', 'the organization');
    is_error(await scim.ask(script, 'PUT', target, { schemas: [kUser], userName: users[1].userName }), 400, 'invalidValue', 'no name');

    const gone = `/Users/${users[4].id}`;
    assert.equal((await scim.ask(script, 'DELETE', gone)).status, 204);
    for (const method of ['GET', 'DELETE']) {
        is_error(await scim.ask(script, method, gone), 404, undefined, method);
    }
    is_error(await scim.ask(script, 'PATCH', gone, patch({ op: 'replace', path: 'active', value: true })), 404);
    assert.equal((await scim.ask(script, 'GET', `/Users?${encoded({ filter: `id eq "${users[4].id}"` })}`)).json.totalResults, 0);
    is_error(await scim.ask(script, 'POST', '/Users', user(clinic, users[4].userName, '再び')), 409, 'uniqueness', 'an ID is never given again');
    return `${compared} PATCHes make what scimmy makes`;
}

async function use_groups(scim, script, users, clinic) {
    const all = await scim.ask(script, 'GET', '/Groups?count=200');
    assert.equal(all.status, 200, all.text);
    assert.equal(all.json.totalResults, all.json.Resources.length);
    const staff = all.json.Resources.find(({ id }) => id === `${clinic}-facility_staff`);
    assert.ok(staff && staff[kGroupExtension].role === 'facility_staff');
    for (const filter of [`displayName eq "${staff.displayName}"`, `id eq "${staff.id}"`, `displayName co "facility_staff" and ${kGroupExtension}:organization.id eq "${clinic}"`]) {
        const found = await scim.ask(script, 'GET', `/Groups?${encoded({ filter })}`);
        assert.deepEqual(found.json.Resources?.map(({ id }) => id), [staff.id], `${filter}: ${found.text}`);
    }
    const target = `/Groups/${staff.id}`;
    const members = async () => ((await scim.ask(script, 'GET', target)).json.members ?? []).map(({ value }) => value).sort();
    const before = await members();
    const ids = users.slice(0, 3).map(({ id }) => id);
    const put = await scim.ask(script, 'PUT', target, { schemas: [kGroup, kGroupExtension], displayName: staff.displayName, members: ids.map((value) => ({ value })), [kGroupExtension]: { role: 'facility_staff', organization: { id: clinic } } });
    assert.equal(put.status, 200, put.text);
    assert.deepEqual(await members(), [...ids].sort());
    for (const [operations, wanted] of [
        [[{ op: 'remove', path: `members[value eq "${ids[0]}"]` }], ids.slice(1)], [[{ op: 'add', path: 'members', value: [{ value: ids[0] }] }], ids], [[{ op: 'add', path: 'members', value: [{ value: ids[0] }] }], ids],
        [[{ op: 'remove', path: 'members', value: [{ value: ids[1] }] }], [ids[0], ids[2]]], [[{ op: 'replace', path: 'members', value: [{ value: ids[1] }] }], [ids[1]]], [[{ op: 'remove', path: 'members' }], []],
        [[{ op: 'add', value: { members: [{ value: ids[0] }, { value: ids[1] }] } }], ids.slice(0, 2)],
    ]) {
        const answer = await scim.ask(script, 'PATCH', target, patch(...operations));
        assert.equal(answer.status, 200, `${JSON.stringify(operations)} ${answer.text}`);
        assert.deepEqual(await members(), [...wanted].sort(), JSON.stringify(operations));
    }
    assert.ok((await scim.ask(script, 'GET', `/Users/${ids[0]}`)).json.groups.some(({ value }) => value === staff.id));
    const of_member = await scim.ask(script, 'GET', `/Groups?${encoded({ filter: `members.value eq "${ids[0]}"` })}`);
    assert.ok(of_member.json.Resources.some(({ id }) => id === staff.id));
    const same = await scim.ask(script, 'GET', `/Groups?${encoded({ filter: `members[value eq "${ids[0]}"]`, excludedAttributes: 'members' })}`);
    assert.deepEqual(same.json.Resources.map(({ id, members: shown }) => [id, shown]), of_member.json.Resources.map(({ id }) => [id, undefined]));
    const version = (await scim.ask(script, 'GET', target)).headers.etag;
    await scim.ask(script, 'PATCH', target, patch({ op: 'remove', path: 'members' }));
    is_error(await scim.ask(script, 'PATCH', target, patch({ op: 'add', path: 'members', value: [{ value: ids[0] }] }), { 'if-match': version }), 412, undefined, 'an old version');
    is_error(await scim.ask(script, 'PATCH', target, patch({ op: 'add', path: 'members', value: [{ value: ids[1] }, { value: '999999999' }] })), 400, 'invalidValue', 'nobody');
    assert.deepEqual(await members(), [], 'all or none');
    is_error(await scim.ask(script, 'PATCH', `/Groups/${clinic}-facility_admin`, patch({ op: 'add', path: 'members', value: [{ value: ids[0] }] })), 403, undefined, 'a second person decides on administrators');
    is_error(await scim.ask(script, 'PATCH', target, patch({ op: 'replace', path: 'displayName', value: 'x' })), 400, 'mutability');
    const group = (role, organization, values) => ({ schemas: [kGroup, kGroupExtension], displayName: 'x', members: values.map((value) => ({ value })), [kGroupExtension]: { role, organization: { id: organization } } });
    const made = await scim.ask(script, 'POST', '/Groups', group('facility_staff', clinic, [ids[2]]));
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([made.json.id, made.json.displayName, made.json.members.map(({ value }) => value)], [staff.id, staff.displayName, [ids[2]]]);
    is_error(await scim.ask(script, 'POST', '/Groups', group('facility_staff', clinic, [ids[2]])), 409, 'uniqueness', 'somebody holds it');
    is_error(await scim.ask(script, 'POST', '/Groups', group('prefecture_admin', clinic, [])), 400, 'invalidValue', 'a role that does not fit');
    is_error(await scim.ask(script, 'POST', '/Groups', { schemas: [kGroup], displayName: 'x' }), 400, 'invalidValue', 'no role');
    assert.equal((await scim.ask(script, 'DELETE', target)).status, 204);
    assert.deepEqual(await members(), [], 'nobody holds it any more');
    for (const id of ['x', `${clinic}-nothing`, `${clinic}-prefecture_admin`, '99999999-facility_staff']) {
        is_error(await scim.ask(script, 'GET', `/Groups/${id}`), 404, undefined, id);
    }
    await scim.ask(script, 'PATCH', target, patch({ op: 'add', path: 'members', value: before.filter((id) => id !== users[4].id).map((value) => ({ value })) }));
}

async function send_bulks(scim, script, clinic, domain) {
    const made = await scim.ask(script, 'POST', '/Bulk', {
        schemas: [kBulk], Operations: [
            { method: 'PATCH', path: `/Groups/${clinic}-facility_staff`, data: patch({ op: 'add', path: 'members', value: [{ value: 'bulkId:one' }] }) },
            { method: 'POST', path: '/Users', bulkId: 'one', data: user(clinic, `bulk-1@${domain}`, '一括') },
            { method: 'post', path: '/Users', bulkId: 'two', data: user(clinic, `bulk-1@${domain}`, '重複') },
            { method: 'PATCH', path: '/Users/bulkId:one', data: patch({ op: 'replace', path: 'active', value: false }) },
            { method: 'PATCH', path: '/Users/bulkId:two', data: patch({ op: 'replace', path: 'active', value: false }) },
            { method: 'DELETE', path: '/Users/999999999' },
        ],
    });
    assert.equal(made.status, 200, made.text);
    const results = made.json.Operations;
    const by = (method, bulkId) => results.find((one) => one.method === method && one.bulkId === bulkId);
    assert.equal(by('POST', 'one').status, '201', made.text);
    assert.ok(by('POST', 'one').location && by('POST', 'one').version);
    assert.equal(by('POST', 'two').status, '409');
    assert.equal(by('POST', 'two').response.scimType, 'uniqueness');
    assert.deepEqual(results.map(({ method, status }) => `${method} ${status}`).sort(), ['DELETE 404', 'PATCH 200', 'PATCH 200', 'PATCH 400', 'POST 201', 'POST 409']);
    const id = by('POST', 'one').location.split('/').pop();
    const shown = (await scim.ask(script, 'GET', `/Users/${id}`)).json;
    assert.equal(shown.active, false);
    assert.ok(shown.groups.some(({ value }) => value === `${clinic}-facility_staff`));
    const stopped = await scim.ask(script, 'POST', '/Bulk', { schemas: [kBulk], failOnErrors: 1, Operations: [{ method: 'DELETE', path: '/Users/999999999' }, { method: 'DELETE', path: `/Users/${id}` }] });
    assert.equal(stopped.json.Operations.length, 1, 'it stops at the first error');
    assert.equal((await scim.ask(script, 'GET', `/Users/${id}`)).status, 200);
    const circle = await scim.ask(script, 'POST', '/Bulk', { schemas: [kBulk], Operations: [{ method: 'POST', path: '/Users', bulkId: 'a', data: user(clinic, 'bulkId:a', 'x') }] });
    assert.equal(circle.json.Operations[0].status, '409');
    const many = Array.from({ length: 100 }, (_, index) => ({ method: 'POST', path: '/Users', bulkId: `m${index}`, data: user(clinic, `many-${index}@${domain}`, '一括', { name: { familyName: '一括', givenName: String(index) } }) }));
    const hundred = await scim.ask(script, 'POST', '/Bulk', { schemas: [kBulk], Operations: many });
    assert.ok(hundred.json.Operations.every(({ status }) => status === '201'), hundred.text.slice(0, 500));
    is_error(await scim.ask(script, 'POST', '/Bulk', { schemas: [kBulk], Operations: [...many, many[0]] }), 413, undefined, 'more than maxOperations');
    is_error(await scim.ask(script, 'POST', '/Bulk', { schemas: [kBulk], Operations: [{ method: 'DELETE', path: `/Users/${'9'.repeat(1_100_000)}` }] }), 413, undefined, 'more than maxPayloadSize');
    is_error(await scim.ask(script, 'POST', '/Bulk', { schemas: [kBulk], Operations: [{ method: 'POST', path: '/Users', data: {} }] }), 400, 'invalidSyntax', 'no bulkId');
}

async function send_rubbish(scim, script, clinic, domain) {
    for (const [method, target] of [['POST', '/Users'], ['PUT', '/Users/1'], ['PATCH', '/Users/1'], ['POST', '/Users/.search'], ['POST', '/Bulk'], ['PUT', `/Groups/${clinic}-facility_staff`], ['PATCH', `/Groups/${clinic}-facility_staff`]]) {
        for (const body of ['{', '', '[]', '"text"', 'null', '{}', '{"schemas":"x"}', '{"schemas":[7]}', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, `{"schemas":["${kUser}","${kGroup}","${kBulk}","${kPatch}","${kSearch}"],"Operations":{"a":1},"name":7,"filter":7,"members":"x"}`]) {
            const answer = await scim.ask(script, method, target, body);
            assert.ok([400, 404].includes(answer.status), `${method} ${target} ${body.slice(0, 60)}: ${answer.status} ${answer.text}`);
            is_error(answer, answer.status, answer.json.scimType, `${method} ${target} ${body.slice(0, 60)}`);
        }
        is_error(await scim.ask(script, method, target, 'a=b', { 'content-type': 'text/plain' }), 415, undefined, target);
    }
    assert.equal((await scim.ask(script, 'POST', '/Users/.search', { schemas: [kSearch] }, { 'content-type': 'application/json' })).status, 200, 'plain JSON is taken too');
    is_error(await scim.ask(script, 'POST', '/Users', { ...user(clinic, `p@${domain}`, 'x'), password: 'x' }), 400, 'mutability', 'passwords are not set from outside');
    is_error(await scim.ask(script, 'POST', '/Users', { ...user(clinic, `p@${domain}`, 'x'), colour: 'blue' }), 400, 'invalidSyntax', 'unknown attribute');
    is_error(await scim.ask(script, 'POST', '/Users', user('999999999', `p@${domain}`, 'x')), 400, 'invalidValue', 'no such organization');
    is_error(await scim.ask(script, 'POST', '/Users', user(clinic, 'p@elsewhere.example', 'x')), 400, 'invalidValue', 'a foreign domain');
    is_error(await scim.ask(script, 'POST', '/Users', user(clinic, `p@${domain}`, 'x', { externalId: 'x'.repeat(257) })), 400, 'invalidValue', 'a long externalId');
    is_error(await scim.ask(script, 'GET', '/Me'), 501, undefined);
    const both = await scim.ask(script, 'POST', '/.search', { schemas: [kSearch], count: 1 });
    const totals = await Promise.all(['/Users', '/Groups'].map(async (kind) => (await scim.ask(script, 'GET', `${kind}?count=0`)).json.totalResults));
    assert.deepEqual([both.json.totalResults, both.json.Resources.length], [totals[0] + totals[1], 1]);
    const roles = await scim.ask(script, 'POST', '/.search', { schemas: [kSearch], filter: 'members pr' });
    assert.ok(roles.json.Resources.every(({ meta }) => meta.resourceType === 'Group') && roles.json.totalResults > 0, 'what means nothing to accounts finds none of them');
    for (const id of ['0', '-1', 'x', '99999999999999999999', '1%00', '%F0%9F']) {
        const answer = await scim.ask(script, 'GET', `/Users/${id}`);
        assert.ok([400, 404].includes(answer.status), `${id}: ${answer.status}`);
    }
}

await main('scim', 1, async (product) => {
    await product.server.start();
    const rest = new Asker(product, '/api/v1', 'application/json');
    const scim = new Asker(product, '/scim/v2', 'application/scim+json');
    let country, clinic, other, script, users, domain;
    await check('a health centre has a clinic and a token', async () => {
        country = await build_country(product, rest);
        const facility = async (number, name) => {
            const made = await rest.ask(country.center, 'POST', '/organizations', { kind: 'facility', parent_id: country.center_id, name, kana: 'シオカゼ', institution_code: institution_code(number) });
            assert.equal(made.status, 201, made.text);
            return made.json.id;
        };
        clinic = await facility(1, 'しおかぜ診療所');
        other = await facility(2, 'はまなす医院');
        domain = country.center.account.login_id.split('@')[1];
        script = await token_of(product, rest, country.center, country.center_id, ['directory:read', 'accounts:write', 'roles:write']);
    });
    await check('what can be done is said to anybody', () => discover(scim, product.api_client()));
    await check('accounts are made and shown', async () => { users = await make_users(scim, script, clinic, domain); });
    await check('accounts are found', () => find_users(scim, script, users, domain));
    await check('accounts change', () => change_users(scim, script, users, domain, clinic, other));
    await check('roles change', () => use_groups(scim, script, users, clinic));
    await check("scim2-tester's own checks", async () => {
        const words = [path.join(kHere, 'scim_tester.py'), `http://127.0.0.1:${product.server.interactive}/scim/v2`, script.token, JSON.stringify(script.base), country.center_id, clinic, domain];
        const done = await promisify(execFile)(kPython, words, { maxBuffer: 1e7 }).catch((error) => assert.fail(`${error.stdout}${error.stderr}`));
        return done.stdout.trim();
    });
    await check('many at once', () => send_bulks(scim, script, clinic, domain));
    await check('what is no good is refused as the RFC says', () => send_rubbish(scim, script, clinic, domain));
    await check('a token reaches as far as its scopes and its place', async () => {
        const reader = await token_of(product, rest, country.center, country.center_id, ['directory:read']);
        assert.equal((await scim.ask(reader, 'GET', `/Users/${users[0].id}`)).status, 200);
        is_error(await scim.ask(reader, 'PATCH', `/Users/${users[0].id}`, patch({ op: 'replace', path: 'active', value: false })), 403);
        is_error(await scim.ask(reader, 'DELETE', `/Users/${users[0].id}`), 403);
        const elsewhere = await token_of(product, rest, country.center, other, ['directory:read', 'accounts:write', 'roles:write']);
        is_error(await scim.ask(elsewhere, 'GET', `/Users/${users[0].id}`), 404, undefined, 'another place');
        is_error(await scim.ask(elsewhere, 'PATCH', `/Users/${users[0].id}`, patch({ op: 'replace', path: 'active', value: false })), 404);
        is_error(await scim.ask(elsewhere, 'GET', `/Groups/${clinic}-facility_staff`), 404);
        assert.equal((await scim.ask(elsewhere, 'GET', '/Users')).json.totalResults, 0);
        is_error(await scim.ask(elsewhere, 'POST', '/Users', user(clinic, `q@${domain}`, 'x')), 400, 'invalidValue', 'a place that it does not see');
    });
});
