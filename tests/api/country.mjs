// What the tests of the API begin with: people who signed in, a prefecture with its health centre, tokens. `asker` has
// ask(who, method, target, body, headers): the proxy that knows the document, or the server itself.
import assert from 'node:assert/strict';

import { fresh_step, send, totp_code } from '../fault/product.mjs';

/** The server itself, without a proxy between. */
export class Asker {
    constructor(product, prefix, type) { Object.assign(this, { product, prefix, type }); }

    async ask(who, method, target, body, headers = {}) {
        const answer = await send({
            server: this.product.server, method, path: this.prefix + target,
            headers: { ...who.base, ...(who.token ? { authorization: `Bearer ${who.token}` } : {}), ...(body === undefined ? {} : { 'content-type': this.type }), ...headers },
            body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
        });
        return { ...answer, json: /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(answer.text) : undefined };
    }
}

/** Ten digits of facilities of Tokyo, with the check digit that makes them good. */
export function institution_code(number) {
    const body = `13101${String(number).padStart(4, '0')}`;
    let sum = 0;
    [...body].reverse().forEach((digit, index) => {
        const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1);
        sum += doubled > 9 ? doubled - 9 : doubled;
    });
    return body + String((10 - (sum % 10)) % 10);
}

/** Somebody of an organization, through the first sign-in, with a session. */
export async function person(product, asker, by, second, organization_id, role, family_name) {
    const issued = await asker.ask(by, 'POST', '/accounts', { organization_id, role, family_name, given_name: '花子' });
    assert.equal(issued.status, 201, issued.text);
    const approved = await asker.ask(second, 'POST', `/requests/${issued.json.approval_request_id}/approve`, { reason: '確認した' });
    assert.equal(approved.status, 200, approved.text);
    const client = await sign_in(product, asker, issued.json.account.login_id, issued.json.initial_password);
    client.account = issued.json.account;
    return client;
}

/** The same for a role that needs nobody else's approval. */
export async function staff(product, asker, by, organization_id, role, family_name) {
    const issued = await asker.ask(by, 'POST', '/accounts', { organization_id, role, family_name, given_name: '一郎' });
    assert.equal(issued.status, 201, issued.text);
    assert.equal(issued.json.approval_request_id, undefined, issued.text);
    const client = await sign_in(product, asker, issued.json.account.login_id, issued.json.initial_password);
    client.account = issued.json.account;
    return client;
}

/** A session of somebody who has only an initial password so far. */
export async function sign_in(product, asker, login_id, initial) {
    const made = { login_id, password: product.fresh_password(), used_step: 0 };
    const first = await product.visitor().first_sign_in({ login_id, password: initial, new_password: made.password });
    Object.assign(made, { key: first.key, used_step: first.step });
    const client = product.api_client();
    const flow = await asker.ask(client, 'POST', '/sign-in', { login_id: made.login_id, password: made.password });
    assert.equal(flow.status, 200, flow.text);
    const step = fresh_step(product, made);
    const session = await asker.ask(client, 'POST', '/sign-in/second-step', { flow: flow.json.flow, code: totp_code(made.key, step) });
    assert.equal(session.status, 200, session.text);
    client.token = session.json.token;
    client.person = made;
    return client;
}

export async function build_country(product, asker) {
    const ministry = await product.administrator();
    const printed = await product.server.command('bootstrap', '--another');
    const letter = (name) => printed.match(new RegExp(`^${name}: (.*)$`, 'm'))[1];
    const second = await sign_in(product, asker, letter('login-id'), letter('initial-password'));
    const prefecture = await person(product, asker, ministry, second, product.prefecture, 'prefecture_admin', '東');
    const made = await asker.ask(prefecture, 'POST', '/organizations', { kind: 'health_center', parent_id: product.prefecture, name: 'みなと保健所', kana: 'ミナトホケンジョ' });
    assert.equal(made.status, 201, made.text);
    const center = await person(product, asker, prefecture, second, made.json.id, 'health_center_admin', '佐藤');
    return { ministry, second, prefecture, center, center_id: made.json.id };
}

/** Password and second step once more: before a token is made. */
export async function confirm(product, asker, client) {
    await product.set_clock(product.offset_seconds + 60); // a code serves once
    const flow = await asker.ask(client, 'POST', '/me/confirm', { password: client.person.password });
    assert.equal(flow.status, 200, flow.text);
    const step = fresh_step(product, client.person);
    const done = await asker.ask(client, 'POST', '/sign-in/second-step', { flow: flow.json.flow, code: totp_code(client.person.key, step) });
    assert.equal(done.status, 200, done.text);
    client.person.used_step = step;
    client.token = done.json.token; // the session goes on under another one (S14)
}
