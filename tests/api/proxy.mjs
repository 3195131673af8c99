// The server behind a proxy that knows its document and reports each answer, and each request, that the document does not allow.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { send, until } from '../fault/product.mjs';

export const kTools = path.join(path.dirname(fileURLToPath(import.meta.url)), 'node_modules/.bin');

export class Proxy {
    static async start(product, document) {
        const proxy = new Proxy();
        const upstream = `http://127.0.0.1:${product.server.interactive}/api/v1`;
        const file = path.join(product.directory, 'openapi.json');
        await writeFile(file, JSON.stringify({ ...document, servers: [{ url: upstream }] }));
        const probe = http.createServer().listen(0, '127.0.0.1');
        await once(probe, 'listening');
        proxy.port = probe.address().port;
        probe.close();
        proxy.product = product;
        proxy.child = spawn(path.join(kTools, 'prism'), ['proxy', file, upstream, '--errors', '--host', '127.0.0.1', '--port', String(proxy.port)], { stdio: 'pipe' });
        proxy.said = '';
        proxy.child.stdout.on('data', (chunk) => { proxy.said += chunk; });
        proxy.child.stderr.on('data', (chunk) => { proxy.said += chunk; });
        await until('the proxy', 60_000, () => /listening on/.test(proxy.said));
        return proxy;
    }

    /** The answer, if the document allows it and the request. `target` without /api/v1. */
    async ask(who, method, target, body, headers = {}) {
        const answer = await send({
            server: { interactive: this.port, hashing: this.port, steps: this.port },
            method,
            path: target,
            headers: { ...who.base, ...(who.token ? { authorization: `Bearer ${who.token}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
            body: body === undefined ? '' : JSON.stringify(body),
        });
        const type = answer.headers['content-type'] ?? '';
        const json = /json/.test(type) ? JSON.parse(answer.text) : undefined;
        const violations = answer.headers['sl-violations'] ?? '';
        assert.ok(violations === '' && !/stoplight/.test(json?.type ?? ''), `${method} ${target} ${answer.status}: ${violations} ${answer.text.slice(0, 1500)}`);
        this.asked = (this.asked ?? 0) + 1;
        return { ...answer, json };
    }
}

/** Straight to the server, with whatever body and headers. */
export async function raw(product, who, method, target, body = '', headers = { 'content-type': 'application/json' }) {
    const answer = await send({
        server: product.server, method, path: `/api/v1${target}`, body,
        headers: { ...who.base, ...(who.token ? { authorization: `Bearer ${who.token}` } : {}), ...headers },
    });
    return { ...answer, json: /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(answer.text) : undefined };
}

export function is_problem(answer, status, what) {
    assert.equal(answer.status, status, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/, what);
    for (const member of ['type', 'title', 'status', 'detail', 'request_id']) {
        assert.ok(answer.json[member], `${what}: no ${member}`);
    }
}
