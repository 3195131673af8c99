// The far ends of real gateways: the telephones behind Kannel's fake SMS centre, and a provider that speaks Twilio's form.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import https from 'node:https';
import path from 'node:path';

import twilio from 'twilio';

import { code_in, kOrigin, phone_digits, until } from './support.mjs';

const kPhones = process.env.MADOGUCHI_FAKE_PHONES; // what the fake SMS centre prints
const kPort = Number(process.env.MADOGUCHI_PROVIDER_PORT);
const kToken = process.env.MADOGUCHI_PROVIDER_TOKEN;

// --- telephones behind Kannel ---

// "0%10z%93+": bytes, percent-encoded; UCS-2 is two of them a character, the higher first.
function decoded(text, coding) {
    const bytes = Buffer.from(text.replaceAll('+', ' ').replace(/%([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1');
    if (coding !== 'ucs-2') return bytes.toString('utf8');
    return bytes.swap16().toString('utf16le');
}

/** What all telephones have received through Kannel, oldest first: { from, to, text }. */
export function all_received() {
    const found = readFileSync(kPhones, 'utf8').matchAll(/Got message \d+: <(\S+) (\S+) (\S+) (.*)>$/gm);
    return [...found].map(([, from, to, coding, text]) => ({ from, to, text: decoded(text, coding) }));
}

/** What the telephone `number` has received: with its code. */
export function received_by(number) {
    return all_received()
        .filter(({ to }) => phone_digits(to) === phone_digits(number))
        .map((message) => ({ ...message, code: code_in(message.text) }));
}

/** Every log of the product but the telephones' own: { name, text }. */
export function logs() {
    const product = path.dirname(path.dirname(kPhones));
    return ['log', 'kannel'].flatMap((folder) => readdirSync(path.join(product, folder))
        .filter((name) => name.endsWith('.log') && path.join(product, folder, name) !== kPhones)
        .map((name) => ({ name, text: readFileSync(path.join(product, folder, name), 'utf8') })));
}

/** The newest one, when there are `count`. */
export function received_sms(number, count = 1) {
    return until(`${count} SMS for ${number}`, 15_000, async () => {
        const all = received_by(number);
        return all.length >= count && all.at(-1);
    });
}

// --- a provider in Twilio's form ---

const kWords = { ゼロ: 0, いち: 1, に: 2, さん: 3, よん: 4, ご: 5, ろく: 6, なな: 7, はち: 8, きゅう: 9,
    zero: 0, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9 };

/** What a voice says: { languages, digits, pauses } of its instructions. */
export function heard(twiml) {
    const said = [...twiml.matchAll(/<Say language="([^"]+)">([^<]*)<\/Say>/g)];
    return {
        languages: [...new Set(said.map(([, language]) => language))],
        digits: said.map(([, , text]) => kWords[text]).filter((digit) => digit !== undefined).join(''),
        pauses: [...twiml.matchAll(/<Pause length="1"\/>/g)].length,
    };
}

/** Takes calls and SMS; `provider.behave` decides how: 'well', 'silent' (never answers), 'down' (503) or 'nonsense'. */
export async function start_provider() {
    const requests = [];
    const provider = { requests, behave: 'well' };
    const server = createServer((request, response) => {
        let body = '';
        request.on('data', (part) => { body += part; });
        request.on('end', () => {
            const fields = Object.fromEntries(new URLSearchParams(body));
            const sid = `${request.url.endsWith('/Calls.json') ? 'CA' : 'SM'}${String(requests.length + 1).padStart(32, '0')}`;
            requests.push({ url: request.url, fields, sid, authorization: request.headers.authorization });
            if (provider.behave === 'silent') return;
            const [status, said] = { well: [201, JSON.stringify({ sid, status: 'queued' })], down: [503, ''], nonsense: [201, '<html>'] }[provider.behave];
            response.writeHead(status, { 'content-type': 'application/json' }).end(said);
        });
    });
    await new Promise((resolve) => server.listen(kPort, '127.0.0.1', resolve));
    provider.stop = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
    /** The newest request to call or message `number`, when there are `count`. */
    provider.asked = (number, count = 1) => until(`${count} requests for ${number}`, 15_000, async () => {
        const all = requests.filter(({ fields }) => phone_digits(fields.To) === phone_digits(number));
        return all.length >= count && all.at(-1);
    });
    return provider;
}

/** Reports as Twilio does, signed with its own library (or with `signature`); gives the status of the answer. */
export function report(request, status, { token = kToken, signature, change = {} } = {}) {
    const call = request.sid.startsWith('CA');
    const signed = { AccountSid: 'AC0123456789abcdef0123456789abcdef', [call ? 'CallSid' : 'MessageSid']: request.sid, [call ? 'CallStatus' : 'MessageStatus']: status };
    const address = request.fields.StatusCallback;
    assert.ok(address.startsWith(`${kOrigin}/gateway/twilio/`), address);
    const body = new URLSearchParams({ ...signed, ...change }).toString();
    const headers = {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'content-length': Buffer.byteLength(body),
        'x-twilio-signature': signature ?? twilio.getExpectedTwilioSignature(token, address, signed),
    };
    return new Promise((resolve, reject) => {
        const sent = https.request(address, { method: 'POST', headers, rejectUnauthorized: false }, (answer) => {
            answer.resume();
            answer.on('end', () => resolve(answer.statusCode));
        });
        sent.on('error', reject);
        sent.end(body);
    });
}
