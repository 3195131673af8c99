// Schemathesis fuzzes every operation of the served document, as people of each desk. What it makes up is told ids and words that exist part
// of the time, or it would not come past 404. MADOGUCHI_FUZZ_EXAMPLES: how many requests it makes up for one operation.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { check, main, port_of, send } from '../fault/product.mjs';
import { build_country, confirm } from './country.mjs';
import { asker, good_bodies, ids_of, kActs, kMethods, kPathNames, lift_ids, other_session, populate } from './everything.mjs';

const kHere = path.dirname(fileURLToPath(import.meta.url));
const kSchemathesis = path.join(kHere, '../../build/api-testers/bin/schemathesis'); // ops/test installs it
const kExamples = process.env.MADOGUCHI_FUZZ_EXAMPLES ?? '12';
const kSeed = '20261201';

// --- in front of the server, as nginx ---

/** One port for all, which adds what nginx adds and counts what each operation answered. */
class Front {
    static async start(product, document) {
        const front = new Front();
        Object.assign(front, { product, statuses: new Map(), asked: 0 });
        front.operations = Object.entries(document.paths).flatMap(([target, item]) => kMethods.filter((method) => item[method]).map((method) => ({
            name: item[method].operationId, method: method.toUpperCase(), open: item[method].security?.length === 0,
            pattern: new RegExp(`^/api/v1${target.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`), literal: target.split('/').filter((part) => !part.startsWith('{')).length,
        }))).sort((a, b) => b.literal - a.literal);
        front.server = http.createServer((request, response) => front.pass(request, response)).listen(0, '127.0.0.1');
        await once(front.server, 'listening');
        front.port = front.server.address().port;
        return front;
    }

    pass(request, response) {
        const [target] = request.url.split('?');
        const known = this.who.token && request.headers.authorization === `Bearer ${this.who.token}`;
        const base = known ? this.who.base : { ...this.who.base, 'x-real-ip': this.product.fresh_source() };
        const options = { host: '127.0.0.1', port: port_of(this.product.server, request.method, target), method: request.method, path: request.url, agent: false, headers: { ...request.headers, ...base, ...this.fresh_key(request.headers['idempotency-key']), connection: 'close' } };
        const passed = http.request(options, (answer) => {
            this.count(request.method, target, known, answer.statusCode);
            response.writeHead(answer.statusCode, answer.headers);
            answer.pipe(response);
        });
        passed.on('error', (error) => {
            this.lost = `${request.method} ${request.url}: ${error.message}`;
            response.destroy();
        });
        request.pipe(passed);
    }

    /** A key that was used with another body is refused before anything else, and few keys are made up: three of four are made unlike all others. */
    fresh_key(given) {
        return given !== undefined && /^[!-~]{1,100}$/.test(given) && this.asked % 4 !== 0 ? { 'idempotency-key': `${given}-${this.asked}` } : {};
    }

    count(method, target, known, status) {
        this.asked += 1;
        const operation = this.operations.find((one) => one.method === method && one.pattern.test(target));
        if (operation && (known || operation.open)) {
            const seen = this.statuses.get(operation.name) ?? new Map();
            seen.set(status, (seen.get(status) ?? 0) + 1);
            this.statuses.set(operation.name, seen);
        }
    }

    close() {
        this.server.close();
    }
}

// --- what is made up ---

const kQueries = { organization_id: 'organizations', parent_id: 'above', account: 'login_ids', from: 'dates', to: 'dates', since: 'dates', until: 'dates', after: 'events', q: 'login_ids' };
const kBodies = {
    organization_id: 'organizations', parent_id: 'above', account: 'accounts', account_id: 'accounts', login_id: 'login_ids', institution_code: 'codes', name: 'names', family_name: 'names', given_name: 'names',
    kana: 'kanas', family_kana: 'kanas', given_kana: 'kanas', phone: 'phones', postal_code: 'postal_codes', local_government_code: 'local_codes', reason: 'names', question: 'names', note: 'names', said: 'names',
    report_date: 'dates', received_at: 'times', from: 'days_ahead', until: 'days_ahead', expires_at: 'days_ahead', url: 'urls', method_id: 'second_steps',
};
const kLikely = 0.7;

/** Where the first id is of no use: its contact is still needed, the report that came is of a clinic that has reported, another is still to be finished. */
const kOtherIds = { removeHandoverContact: 1, correctByReceived: 1, finishReceivedReport: 2 };

/** A field that need not be there may also be null, which says the same (http::JsonReader); the document does not repeat it at each. */
function nullable(schema) {
    return { ...schema, ...(schema.type ? { type: [...new Set([schema.type, 'null'].flat())] } : {}), ...(schema.enum ? { enum: [...schema.enum, null] } : {}) };
}

/** The document with examples of what exists. */
function with_examples(document, known, bodies) {
    const copy = structuredClone(document);
    const resolved = (node) => (node?.$ref ? { ...node.$ref.slice(2).split('/').reduce((place, step) => place[step], document), ...node, $ref: undefined } : node);
    for (const [target, item] of Object.entries(copy.paths)) {
        for (const method of kMethods.filter((one) => item[one])) {
            const operation = item[method];
            operation.parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolved).map((parameter) => {
                if (operation.operationId in kActs && parameter.name === 'act') {
                    return { ...parameter, example: kActs[operation.operationId] };
                }
                const words = parameter.in === 'path' ? known[kPathNames[parameter.name] ?? ids_of(target)] : parameter.name === 'If-Match' ? known.tags : undefined;
                return words && !resolved(parameter.schema).enum ? { ...parameter, example: words[kOtherIds[operation.operationId] ?? 0] } : parameter;
            });
            if (operation.requestBody) {
                const body = structuredClone(resolved(operation.requestBody));
                const media = body.content['application/json'];
                const schema = structuredClone(resolved(media.schema));
                for (const [field, one] of Object.entries(schema.properties).filter(([name]) => !schema.required?.includes(name))) {
                    schema.properties[field] = nullable(resolved(one));
                }
                body.content['application/json'] = { ...media, schema, ...(operation.operationId in bodies ? { example: bodies[operation.operationId] } : {}) };
                operation.requestBody = body;
            }
        }
        delete item.parameters;
    }
    return copy;
}

/** The settings in schemathesis.toml, with what exists. */
function settings(document, known) {
    const quoted = (value) => JSON.stringify(String(value));
    const bound = (name) => `{ dictionary = ${quoted(name)}, probability = ${kLikely} }`;
    const lines = [readFileSync(path.join(kHere, 'schemathesis.toml'), 'utf8')];
    for (const [name, values] of Object.entries(known).filter(([, one]) => one.length > 0)) {
        lines.push(`[dictionaries.${name}]`, `values = [${values.map(quoted)}]`);
    }
    lines.push('[parameters]', '"header.If-Match" = { dictionary = "tags", probability = 0.7 }');
    for (const [place, names] of [['query', kQueries], ['body', kBodies]]) {
        lines.push(...Object.entries(names).filter(([, name]) => known[name]?.length).map(([field, name]) => `"${place}.${field}" = ${bound(name)}`));
    }
    lines.push(...Object.entries(kBodies).filter(([, name]) => known[name]?.length).map(([field, name]) => `"body.rows[*].${field}" = ${bound(name)}`));
    for (const target of Object.keys(document.paths)) {
        const names = [...target.matchAll(/\{([^}]*)\}/g)].map(([, name]) => [name, kPathNames[name] ?? ids_of(target)]).filter(([name, words]) => name in kPathNames && known[words]?.length);
        if (names.length > 0) {
            lines.push('[[operations]]', `include-path = ${quoted(target)}`, `parameters = { ${names.map(([name, words]) => `"path.${name}" = ${bound(words)}`).join(', ')} }`);
            if (kMethods.some((method) => document.paths[target][method]?.parameters?.some(({ $ref }) => $ref?.endsWith('/IfMatch')))) {
                lines.push('checks = { negative_data_rejection = { expected-statuses = [400, 401, 403, 404, 412, 415, 428] } }'); // If-Match goes first
            }
        }
    }
    return lines.join('\n');
}

/** Runs Schemathesis as somebody. It must find nothing, and leave them signed in. */
async function fuzz(front, files, who, ...words) {
    front.who = who;
    front.lost = undefined;
    const before = front.asked;
    const child = spawn(kSchemathesis, ['--config-file', files.settings, 'run', files.document, '--url', `http://127.0.0.1:${front.port}/api/v1`, '--no-color', '--seed', kSeed, '--max-examples', kExamples,
        ...(who.token ? ['--header', `Authorization: Bearer ${who.token}`] : []), ...words], { stdio: ['ignore', 'pipe', 'pipe'], cwd: path.dirname(files.document) });
    let said = '';
    child.stdout.on('data', (chunk) => { said += chunk; });
    child.stderr.on('data', (chunk) => { said += chunk; });
    const [status] = await once(child, 'close');
    assert.equal(front.lost, undefined, 'an answer was lost');
    assert.ok(front.asked > before, said);
    return { status, said, asked: front.asked - before };
}

/** What nobody can make up: the code of a second step. And nobody there has a phone to be reminded on. */
const kNeverDone = { chooseSecondStep: [400, 401], proveSecondStep: [400, 401], proveForgottenPassword: [400, 401], remindOfReport: [409] };
/** By these a run would end its own session. */
const kEnds = ['--exclude-operation-id', 'signOut'];
const kQuick = ['--phases', 'examples,fuzzing'];

await main('fuzz', 1, async (product) => {
    await product.server.start();
    const ask = asker(product);
    const document = (await ask({ base: {} }, 'GET', '/openapi.json')).json;
    const files = { settings: path.join(product.directory, 'schemathesis.toml'), document: path.join(product.directory, 'fuzzed.json') };
    let country, desks, front;
    await check('a country, with one of everything', async () => {
        await lift_ids(product);
        country = await build_country(product, { ask });
        desks = await populate(product, ask, country);
    });
    const failed = [];
    const run = (title, who, ...words) => check(title, async () => {
        const known = { ...desks.known };
        if (who.token) {
            known.second_steps = (await ask(who, 'GET', '/me/security')).json.second_steps.map(({ id }) => id);
            known.sessions = (await ask(who, 'GET', '/me/sessions')).json.sessions.filter(({ current }) => !current).map(({ id }) => id);
        }
        await writeFile(files.settings, settings(document, known));
        await writeFile(files.document, JSON.stringify(with_examples(document, known, good_bodies(known, country))));
        const { status, said, asked } = await fuzz(front, files, who, ...words);
        if (status !== 0) {
            failed.push(title);
            console.error(said);
        }
        return `${asked} requests`;
    });
    try {
        front = await Front.start(product, document);
        const people = { 'a health centre': country.center, 'the ministry': country.second, 'a clinic': desks.clerk, 'the helpdesk': desks.operator };
        for (const who of [country.center, country.second]) {
            await other_session(product, ask, who);
            await confirm(product, { ask }, who);
        }
        await run('a clinic', desks.clerk, ...kQuick, '--include-tag', 'Daily reports', '--include-tag', 'Oneself');
        await run('a health centre', country.center, ...kEnds);
        await run('the ministry', country.second, ...kEnds, ...kQuick);
        await run('the helpdesk', desks.operator, '--include-tag', 'Helpdesk');
        await check('they are who they were', async () => {
            for (const [name, who] of Object.entries(people)) {
                const me = await ask(who, 'GET', '/me');
                assert.equal(me.status, 200, `${name}: the run ended its own session`);
                assert.equal(me.json.grants.length, 1, `${name}: the run took its own role`);
            }
        });
        await run('who signs out', desks.clerk, '--include-operation-id', 'signOut');
        await run('who is not signed in', product.api_client(), ...kEnds, '--include-tag', 'Signing in');
        await check('every operation was reached', async () => {
            const reached = ({ name }) => [...(front.statuses.get(name) ?? new Map()).keys()].some((status) => (kNeverDone[name] ?? [200, 201, 202, 204]).includes(status));
            const others = front.operations.filter((operation) => !reached(operation)).map(({ name }) => `${name}: ${[...(front.statuses.get(name) ?? new Map()).keys()]}`);
            assert.deepEqual(others, []);
            return `${front.operations.length} operations`;
        });
        await check('the server is well', async () => {
            assert.equal((await send({ server: product.server, method: 'GET', path: '/readyz' })).status, 200);
            assert.doesNotMatch(readFileSync(path.join(product.directory, 'server-0.log'), 'utf8'), /"level":"error"|"status":5\d\d/);
        });
        assert.deepEqual(failed, [], 'Schemathesis found something');
    } finally {
        front?.close();
    }
}, { 'reports.corrections': 'retroactive', 'webhooks.allow-hosts': '127.0.0.1' });
