// npm twilio's own validator, in both directions: it accepts what our vectors say (the C++ unit tests make the same ones), and it
// refuses what differs by a letter. `node twilio_signatures.test.mjs --write` makes the vectors anew from the validator.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import twilio from 'twilio';

const kFile = fileURLToPath(new URL('../support/twilio/signatures.json', import.meta.url));
const kToken = 'a-token-of-thirty-two-characters';

const cases = [
    ['a delivered SMS', 'https://madoguchi.example.jp/gateway/twilio/12', {
        AccountSid: 'AC0123456789abcdef0123456789abcdef', ApiVersion: '2010-04-01', From: '+815000000000', MessageSid: 'SM0123456789abcdef0123456789abcdef',
        MessageStatus: 'delivered', SmsSid: 'SM0123456789abcdef0123456789abcdef', SmsStatus: 'delivered', To: '+819012345678',
    }],
    ['an answered call', 'https://madoguchi.example.jp/gateway/twilio/9007199254740993', {
        CallSid: 'CA0123456789abcdef0123456789abcdef', CallStatus: 'in-progress', CallbackSource: 'call-progress-events', Direction: 'outbound-api',
        SequenceNumber: '2', Timestamp: 'Sun, 22 Nov 2026 05:00:00 +0000',
    }],
    ['a port of our own', 'https://localhost:8443/gateway/twilio/1', { MessageSid: 'SM1', MessageStatus: 'sent' }],
    ['the usual port written out', 'https://madoguchi.example.jp:443/gateway/twilio/1', { MessageSid: 'SM1', MessageStatus: 'sent' }],
    ['a query', 'https://madoguchi.example.jp/gateway/twilio/1?a=b&c=%E7%AA%93', { MessageSid: 'SM1', MessageStatus: 'sent' }],
    ['Japanese, spaces and signs', 'https://madoguchi.example.jp/gateway/twilio/1', { Body: '窓口 & <code> + 1', MessageSid: 'SM1', MessageStatus: 'failed', 'a b': '' }],
    ['upper and lower case sort by bytes', 'https://madoguchi.example.jp/gateway/twilio/1', { a: '1', B: '2', Ab: '3', _: '4' }],
    ['a name that comes twice', 'https://madoguchi.example.jp/gateway/twilio/1', { Event: ['ringing', 'answered', 'ringing'], MessageSid: 'SM1' }],
    ['nothing', 'https://madoguchi.example.jp/gateway/twilio/1', {}],
    ['an IPv6 host', 'https://[::1]:8443/gateway/twilio/1', { MessageSid: 'SM1', MessageStatus: 'sent' }],
];

const pairs = (fields) => Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
const vectors = () => cases.map(([name, url, fields]) => ({
    name, url, fields: pairs(fields), signature: twilio.getExpectedTwilioSignature(kToken, url, fields),
}));

if (process.argv.includes('--write')) {
    writeFileSync(kFile, `${JSON.stringify({ token: kToken, vectors: vectors() }, undefined, 2)}\n`);
} else {
    const kept = JSON.parse(readFileSync(kFile, 'utf8'));

    test('the vectors are those of the validator', () => {
        assert.deepEqual(kept, JSON.parse(JSON.stringify({ token: kToken, vectors: vectors() })));
    });

    test('the validator accepts each signature and refuses each that was touched', () => {
        for (const [index, { name, url, signature }] of kept.vectors.entries()) {
            const fields = cases[index][2];
            assert.equal(twilio.validateRequest(kept.token, signature, url, fields), true, name);
            assert.equal(twilio.validateRequest(`${kept.token}x`, signature, url, fields), false, `${name}: another token`);
            assert.equal(twilio.validateRequest(kept.token, signature, `${url}0`, fields), false, `${name}: another address`);
            assert.equal(twilio.validateRequest(kept.token, signature, url, { ...fields, MessageStatus: 'forged' }), false, `${name}: another state`);
            assert.equal(twilio.validateRequest(kept.token, signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')), url, fields), false, `${name}: another signature`);
        }
    });
}
