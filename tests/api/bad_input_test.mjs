// What is no good, sent to every operation of the served document: no JSON, JSON of other types, numbers beyond all bounds, deep nesting, keys
// twice, other media types, bodies beyond the limit, other methods, addresses that are none, nobody, tokens that are none or reach too little.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { check, in_parallel, main, port_of, send } from '../fault/product.mjs';
import { build_country, confirm } from './country.mjs';
import { asker, good_bodies, ids_of, kActs, kMethods, kPathNames, populate } from './everything.mjs';
import { is_problem, raw } from './proxy.mjs';

const kSmall = 64 * 1024; // what the document says under Limits
const kRows = 16 * 1024 * 1024;
const kWidth = 4;
const kShown = 40; // of wrong answers of one kind
const kDigits = '9'.repeat(400);

/** Every operation, with a target and a body that are good, and who may ask for it. */
function operations_of(document, known, bodies, people) {
    const resolved = (node) => (node?.$ref ? node.$ref.slice(2).split('/').reduce((place, step) => place[step], document) : node);
    const by_desk = { Helpdesk: people.operator, Audit: people.second };
    return Object.entries(document.paths).flatMap(([pattern, item]) => kMethods.filter((method) => item[method]).map((method) => {
        const operation = item[method];
        const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolved);
        const of = (place) => parameters.filter((one) => one.in === place).map((one) => ({ ...one, schema: resolved(one.schema) }));
        const value = ({ name, schema }) => (name === 'act' ? kActs[operation.operationId] : undefined) ?? schema.enum?.[0] ?? (known[kPathNames[name] ?? ids_of(pattern)] ?? [])[0] ?? '1';
        const schema = resolved(resolved(operation.requestBody)?.content['application/json']?.schema);
        const fields = Object.entries(schema?.properties ?? {}).map(([name, one]) => [name, resolved(one)]);
        return {
            name: operation.operationId, method: method.toUpperCase(), pattern, path: of('path').reduce((target, one) => target.replace(`{${one.name}}`, encodeURIComponent(value(one))), pattern),
            places: of('path').map(({ name }) => name), query: of('query'), fields, takes_body: Boolean(schema), body: bodies[operation.operationId] ?? {},
            headers: Object.fromEntries(of('header').filter(({ required }) => required).map(({ name }) => [name.toLowerCase(), name === 'If-Match' ? '*' : 'bad-input'])),
            most: fields.some(([name, one]) => name === 'rows' && one.type === 'array') ? kRows : kSmall,
            open: operation.security?.length === 0, by: operation.operationId === 'submitDailyReport' ? people.clerk : by_desk[operation.tags[0]] ?? people.center,
            documented: kMethods.filter((one) => item[one]).map((one) => one.toUpperCase()),
        };
    }));
}

class Sender {
    constructor(product) { Object.assign(this, { product, asked: 0, wrong: [] }); }

    /** Whoever is nobody comes from an address of their own each time: this is not about throttles. */
    who(operation) {
        return operation.open ? this.product.api_client() : operation.by;
    }

    async send(operation, body, { who = this.who(operation), target = operation.path, method = operation.method, headers = {} } = {}) {
        this.asked += 1;
        const typed = body === undefined ? {} : { 'content-type': 'application/json' };
        return raw(this.product, who, method, target, body ?? '', { ...operation.headers, ...typed, ...headers });
    }

    /** Notes what is not as it should be, and goes on. */
    async expect(what, asked, status, look = () => {}) {
        const answer = await asked;
        try {
            assert.ok([status].flat().includes(answer.status), `${answer.status} rather than ${status}`);
            is_problem(answer, answer.status, '');
            assert.equal(answer.json.status, answer.status);
            look(answer);
        } catch (error) {
            this.wrong.push(`${what}: ${error.message} | ${answer.status} ${answer.text.slice(0, 300)}`.replaceAll(/\s+/g, ' '));
        }
    }
}

const is_named = (field) => ({ json }) => assert.ok(json.errors?.some((one) => one.field === field || one.field.startsWith(`${field}[`)), `${field} is not named`);
const is_type = (type) => ({ json }) => assert.equal(json.type, `urn:madoguchi:problem:${type}`);

// --- bodies ---

async function send_no_json(sender, operation) {
    const texts = {
        'no JSON': '{', 'no end': '{"a":"', 'two values': '{}{}', 'no UTF-8': Buffer.from('{"a":"\xff\xfe"}', 'latin1'), 'a key twice': '{"a":1,"a":2}', 'a key twice within': '{"a":{"b":1,"b":1}}', NUL: '{"a":"\\u0000"}',
        'half a character': '{"a":"\\ud800"}', 'a comment': '{/**/}', NaN: '{"a":NaN}', '1e400': '{"a":1e400}', '-1e400': '{"a":-1e400}', '400 digits': `{"a":${kDigits}}`,
        'lists 2,000 deep': `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`, 'objects 2,000 deep': `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`, 'deep and never closed': '['.repeat(30_000),
    };
    for (const [what, body] of [...Object.entries(texts), ...['[]', '[{}]', '"text"', '7', 'true', 'null'].map((text) => [text, text])]) {
        await sender.expect(`${operation.name}: ${what}`, sender.send(operation, body), 400, is_type('malformed_json'));
    }
    await sender.expect(`${operation.name}: nothing`, sender.send(operation, ''), 400, is_type('malformed_json'));
    await sender.expect(`${operation.name}: an unknown field`, sender.send(operation, JSON.stringify({ ...operation.body, no_such_field: true })), 400, is_named('no_such_field'));
}

/** Values that no field of this schema takes, as they stand in JSON. */
function wrong_values({ type, enum: words }) {
    const types = [type ?? (words ? 'string' : [])].flat();
    const values = { '{}': 'object', '{"a":1}': 'object', '[7]': 'array', '7': 'integer', 'true': 'boolean', '"\\u0007"': 'text' };
    const wrong = Object.entries(values).filter(([, kind]) => kind !== 'text' && !types.includes(kind)).map(([value]) => value);
    if (types.includes('integer')) {
        wrong.push('"7"', '1.5', '1e300', '9223372036854775808', '-9223372036854775809', '9'.repeat(25));
    }
    return words ? [...wrong, '"no such word"'] : wrong;
}

async function send_wrong_values(sender, operation) {
    for (const [field, schema] of operation.fields) {
        for (const value of wrong_values(schema)) {
            const rest = Object.entries({ ...operation.body, [field]: 0 }).map(([name, one]) => `${JSON.stringify(name)}:${name === field ? value : JSON.stringify(one)}`);
            await sender.expect(`${operation.name}: ${field} = ${value}`, sender.send(operation, `{${rest.join(',')}}`), 400, is_named(field));
        }
    }
}

async function send_other_types(sender, operation) {
    const form = 'a=b';
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/json; charset=shift_jis', 'application/jsonp', 'json']) {
        await sender.expect(`${operation.name}: ${type}`, sender.send(operation, form, { headers: { 'content-type': type } }), 415);
    }
    await sender.expect(`${operation.name}: no type`, raw(sender.product, sender.who(operation), operation.method, operation.path, '{}', operation.headers), 415);
}

/** The answer to a head that announces `length` bytes; not one of them is sent. */
function announce(sender, operation, length) {
    const target = `/api/v1${operation.path}`;
    const who = sender.who(operation);
    const headers = { ...operation.headers, ...who.base, ...(who.token ? { authorization: `Bearer ${who.token}` } : {}), 'content-type': 'application/json', 'content-length': length };
    return new Promise((resolve, reject) => {
        const request = http.request({ host: '127.0.0.1', port: port_of(sender.product.server, operation.method, target), method: operation.method, path: target, agent: false, headers }, (response) => {
            let text = '';
            response.on('data', (chunk) => { text += chunk; });
            response.on('end', () => {
                request.destroy();
                resolve({ status: response.statusCode, headers: response.headers, text, json: /json/.test(response.headers['content-type']) ? JSON.parse(text) : undefined });
            });
        });
        request.on('error', reject);
        request.flushHeaders();
        request.setTimeout(10_000, () => request.destroy(new Error(`${operation.name}: no answer to too long a body`)));
    });
}

async function send_too_much(sender, operation) {
    for (const length of [operation.most + 1, 10 ** 12, '9'.repeat(30)]) {
        await sender.expect(`${operation.name}: ${length} bytes`, announce(sender, operation, length), 413, is_type('payload_too_large'));
    }
    if (operation.most === kSmall && operation.takes_body) {
        const whole = `[${' '.repeat(operation.most - 2)}]`; // as much as may be, and no object
        await sender.expect(`${operation.name}: ${operation.most} bytes`, sender.send(operation, whole), 400);
    }
}

// --- addresses ---

async function send_bad_addresses(sender, operation) {
    for (const place of operation.places) {
        for (const value of ['%00', '%0A', '%7F', '%FF', '%C3', '%2F', '%5C', '%', '%zz', '..', '%2e%2e', 'x'.repeat(3000)]) {
            const target = operation.pattern.replace(`{${place}}`, value).replaceAll(/\{[^}]*\}/g, '1');
            await sender.expect(`${operation.name}: ${place} = ${value.slice(0, 9)}`, sender.send(operation, operation.takes_body ? '{}' : undefined, { target }), 400);
        }
        for (const value of ['0', '-1', '+1', '01', '1.0', '1e3', 'x', '9223372036854775808', kDigits, '%20', "1'--", '%F0%9F%98%80']) {
            const target = operation.pattern.replace(`{${place}}`, value).replace(`{${operation.places.find((other) => other !== place)}}`, '1');
            await sender.expect(`${operation.name}: ${place} = ${value.slice(0, 9)}`, sender.send(operation, operation.takes_body ? JSON.stringify(operation.body) : undefined, { target }), [400, 404]);
        }
    }
}

async function send_bad_questions(sender, operation) {
    const ask = (what, query, look) => sender.expect(`${operation.name}?${what}`, sender.send(operation, undefined, { target: `${operation.path}?${query}` }), 400, look);
    const rest = operation.query.filter(({ required }) => required).map(({ name }) => `&${name}=1`).join('');
    await ask('no_such_word', `no_such_word=1${rest}`, is_named('no_such_word'));
    for (const { name, schema } of operation.query) {
        const wrong = schema.enum ? ['', 'no+such+word'] : schema.type === 'integer' ? ['', 'x', '1.5', '1e9', '-1', '99999999999999999999', kDigits] : schema.format || schema.pattern ? ['', 'x', '0', '99999999999999999999'] : [];
        for (const value of wrong) {
            await ask(`${name}=${value.slice(0, 30)}`, `${name}=${value}`, is_named(name));
        }
        for (const value of ['%', '%zz', '%FF', '%00']) {
            await ask(`${name}=${value}`, `${name}=${value}`);
        }
    }
    await sender.expect(`${operation.name}: a body to GET`, sender.send(operation, '{}'), 400);
}

/** For each path once: what it has no method for. */
async function send_other_methods(sender, operation) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].filter((one) => !operation.documented.includes(one))) {
        const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{}' : undefined;
        await sender.expect(`${method} ${operation.pattern}`, sender.send(operation, body, { method }), 405, ({ headers }) => {
            const allowed = [...operation.documented, ...(operation.documented.includes('GET') ? ['HEAD'] : [])].sort();
            assert.deepEqual((headers.allow ?? '').split(', ').sort(), allowed, `Allow: ${headers.allow}`);
        });
    }
}

// --- who asks ---

async function send_as_nobody(sender, operation) {
    const body = operation.takes_body ? JSON.stringify(operation.body) : undefined;
    const nobody = sender.product.api_client();
    const credentials = [undefined, '', 'Bearer', 'Bearer ', 'Bearer x', `Bearer mdg_${'a'.repeat(43)}`, `Bearer ${'a'.repeat(5000)}`, "Bearer '; drop table accounts; --", 'Basic YTpi', `bearer${operation.by.token}`];
    for (const authorization of credentials) {
        const headers = authorization === undefined ? {} : { authorization };
        await sender.expect(`${operation.name}: ${authorization?.slice(0, 20)}`, sender.send(operation, body, { who: nobody, headers }), 401, (answer) => assert.equal(answer.headers['www-authenticate'], 'Bearer'));
    }
}

/** With tokens that may only read: 401 where people alone may ask, 403 where it may not, 404 where it may not even know. */
async function send_with_too_little(sender, operation, { reader, stranger }) {
    const body = operation.takes_body ? JSON.stringify(operation.body) : undefined;
    if (operation.method !== 'GET') {
        await sender.expect(`${operation.name}: too few rights`, sender.send(operation, body, { who: reader }), [401, 403, 404]);
        await sender.expect(`${operation.name}: in another place`, sender.send(operation, body, { who: stranger }), [401, 403, 404]);
    } else if (operation.places.length > 0) {
        await sender.expect(`${operation.name}: another place`, sender.send(operation, undefined, { who: stranger }), [401, 403, 404]);
    }
}

await main('bad_input', 1, async (product) => {
    await product.server.start();
    const ask = asker(product);
    const document = (await ask({ base: {} }, 'GET', '/openapi.json')).json;
    const country = await build_country(product, { ask });
    const { known, clerk, operator } = await populate(product, ask, country);
    await confirm(product, { ask }, country.center);
    known.second_steps = (await ask(country.center, 'GET', '/me/security')).json.second_steps.map(({ id }) => id);
    const token_of = async (organization_id) => {
        const made = await ask(country.center, 'POST', '/tokens', { name: organization_id, organization_id, scopes: ['directory:read'], expires_at: known.days_ahead[0] });
        assert.equal(made.status, 201, made.text);
        return Object.assign(product.api_client(), { token: made.json.token });
    };
    const tokens = { reader: await token_of(country.center_id), stranger: await token_of(known.organizations[3]) };
    const people = { ...country, clerk, operator };
    const operations = operations_of(document, known, good_bodies(known, country), people);
    const sender = new Sender(product);
    const wrong = [];
    const all = (title, chosen, work) => check(title, async () => {
        sender.asked = 0;
        sender.wrong = [];
        await in_parallel(operations.filter(chosen), kWidth, (operation) => work(sender, operation, tokens));
        wrong.push(...sender.wrong);
        sender.wrong.slice(0, kShown).forEach((one) => console.error(one));
        assert.ok(sender.asked > 0, 'nothing was asked');
        return `${sender.asked} requests${sender.wrong.length > 0 ? `, ${sender.wrong.length} answers are wrong` : ''}`;
    });
    const takes_body = (operation) => operation.takes_body;
    const changes = ({ method }) => method !== 'GET';
    await all('no JSON, or not an object', takes_body, send_no_json);
    await all('fields of another type', takes_body, send_wrong_values);
    await all('another media type', changes, send_other_types);
    await all('too much', changes, send_too_much);
    await all('addresses that are none', () => true, send_bad_addresses);
    await all('questions that are none', ({ method }) => method === 'GET', send_bad_questions);
    const first = new Set(operations.filter(({ pattern }, index) => operations.findIndex((one) => one.pattern === pattern) === index));
    await all('another method', (operation) => first.has(operation), send_other_methods);
    await all('nobody', ({ open }) => !open, send_as_nobody);
    await all('too few rights', ({ open }) => !open, send_with_too_little);
    await check('everybody is still there, and the server is well', async () => {
        for (const who of [country.center, country.second, clerk, operator, tokens.reader, tokens.stranger]) {
            assert.equal((await ask(who, 'GET', '/me')).status, 200);
        }
        assert.equal((await send({ server: product.server, method: 'GET', path: '/readyz' })).status, 200);
        assert.doesNotMatch(readFileSync(path.join(product.directory, 'server-0.log'), 'utf8'), /"level":"error"|"status":5\d\d/);
    });
    assert.equal(wrong.length, 0, 'answers are wrong');
}, { 'reports.corrections': 'retroactive', 'webhooks.allow-hosts': '127.0.0.1' });
