// Real delivery: SMS through a real Kannel and its fake SMS centre, calls through a provider in Twilio's form, and what the waiting
// page tells of both. tests/browser/run switches the product to these gateways before this file.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { inspect, look } from './inspect.mjs';
import {
    answer, assert_place, begin_first_sign_in, begin_sign_in, choose_phone, enter_code, kPassword, place, press, replace_password, told, with_pages,
} from './journeys.mjs';
import { all_received, heard, logs, received_by, received_sms, report, start_provider } from './providers.mjs';
import { assert_no_complaints, launch_browser, screenshot } from './support.mjs';
import { new_account, next_hours } from './world.mjs';

const kSoon = { timeout: 6_000 }; // "within seconds": the page asks every two

let browser;
let provider;
before(async () => {
    provider = await start_provider();
    browser = await launch_browser();
});
after(async () => {
    await browser?.close();
    await provider?.stop();
});

async function called(page, account, number) {
    await begin_first_sign_in(page, account);
    await choose_phone(page, 'voice', number);
    return provider.asked(number);
}

test('SMS through Kannel: the first sign-in with the code that a telephone received', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await begin_first_sign_in(page, account);
        await choose_phone(page, 'sms', account.phone);
        const sms = await received_sms(account.phone);
        assert.match(sms.text, /^【窓口】コード \d{6} （10分間有効）/);
        await page.locator('[data-state="delivered"]').waitFor(kSoon);
        await inspect(page, 'delivery-sms-delivered');
        await enter_code(page, sms.code);
        assert_place(page, '/sign-in/new-password');
        await replace_password(page, account.initial_password);
        assert_place(page, '/');
        assert_no_complaints(page);

        next_hours();
        const again = await open({ locale: 'en-US' });
        await begin_sign_in(again, account);
        const second = await received_sms(account.phone, 2);
        assert.match(second.text, /^Madoguchi: your code is \d{6}/);
        await enter_code(again, second.code);
        assert_place(again, '/');
        assert.equal(received_by(account.phone).length, 2, 'one SMS a code');
    });
});

test('without JavaScript: the number is read back in Japanese form, nothing leaves before it is confirmed', async () => {
    next_hours();
    const account = await new_account();
    const typed = account.phone.replaceAll('-', '').replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
    await with_pages(browser, async (open) => {
        const page = await open({ javascript: false });
        await begin_first_sign_in(page, account);
        await page.locator('[name="method"][value="sms"]').check();
        await page.locator('[name="phone"]').fill(typed);
        await press(page);
        assert.match(await page.locator('main').innerText(), new RegExp(account.phone), '090-0000-0001, whatever was typed');
        await screenshot(page, 'delivery-confirm-number'); // axe needs scripts
        assert.equal(received_by(account.phone).length, 0, 'nothing is sent before the number is confirmed');
        await press(page);
        assert_place(page, '/sign-in/code');
        const sms = await received_sms(account.phone);
        await page.locator('.without-script a').click();
        await page.locator('[data-state="delivered"], [data-state="sent"]').waitFor();
        await enter_code(page, sms.code);
        assert_place(page, '/sign-in/new-password');
    });
});

test('with JavaScript: the number is read back while it is typed, and one that was not goes to the page that asks', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await begin_first_sign_in(page, account);
        await page.locator('[name="method"][value="sms"]').check();
        await page.locator('[name="phone"]').fill(account.phone.replaceAll('-', ''));
        const echo = page.locator('[data-echo="number"]');
        await echo.waitFor();
        assert.match(await echo.innerText(), new RegExp(account.phone));
        // A script that was stopped, or another number than the one read back: the server asks once more.
        await page.evaluate(() => {
            const form = document.querySelector('[data-reads-back]');
            form.addEventListener('submit', () => { form.elements.read_back.value = '09000009999'; });
        });
        await press(page);
        assert.match(await page.locator('main form').getAttribute('action'), /confirm/);
        assert.match(await page.locator('main').innerText(), new RegExp(account.phone));
        assert.equal(received_by(account.phone).length, 0);
        await press(page);
        assert.equal((await received_sms(account.phone)).code.length, 6);
    });
});

test('a fixed line can only be called, and that is said before anything is sent', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        await begin_first_sign_in(page, account);
        await page.locator('[name="method"][value="sms"]').check();
        await page.locator('[name="phone"]').fill(account.fixed_line);
        await page.locator('[data-echo="no-sms-fixed"]').waitFor();
        await look(page, 'delivery-fixed-line');
        assert.equal(await press(page), 400);
        assert.match((await told(page)).fields.join(' '), /固定電話ではSMSを受け取れません/);
        assert.equal(received_by(account.fixed_line).length, 0);
        const requests = provider.requests.length;
        await page.locator('[name="method"][value="voice"]').check();
        await press(page);
        assert_place(page, '/sign-in/code');
        const call = await provider.asked(account.fixed_line);
        assert.equal(provider.requests.length, requests + 1);
        assert.match(call.url, /Calls\.json$/);
    });
});

test('a call: rings, is answered, and its digits are said one by one, twice, in Japanese', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const call = await called(page, account, account.fixed_line);
        const voice = heard(call.fields.Twiml);
        assert.deepEqual(voice.languages, ['ja-JP']);
        assert.equal(voice.digits.length, 12);
        assert.equal(voice.digits.slice(0, 6), voice.digits.slice(6));
        assert.ok(voice.pauses >= 12, 'a pause after each digit');
        await page.locator('[data-state="ringing"]').waitFor(kSoon);
        assert.equal(await report(call, 'ringing'), 204);
        assert.equal(await report(call, 'in-progress'), 204);
        await page.locator('[data-state="answered"]').waitFor(kSoon);
        assert.equal(await report(call, 'completed'), 204);
        await enter_code(page, voice.digits.slice(0, 6));
        assert_place(page, '/sign-in/new-password');
        await replace_password(page, account.initial_password, kPassword);
        assert_place(page, '/');

        next_hours();
        const again = await open({ locale: 'en-US' });
        await begin_sign_in(again, account);
        const english = heard((await provider.asked(account.fixed_line, 2)).fields.Twiml);
        assert.deepEqual(english.languages, ['en-US']);
        assert.equal(english.digits.slice(0, 6), english.digits.slice(6));
        await enter_code(again, english.digits.slice(0, 6));
        assert_place(again, '/');
    });
});

for (const [status, state, words] of [
    ['busy', 'busy', /話し中でした/],
    ['no-answer', 'unanswered', /電話に出られませんでした/],
    ['failed', 'failed', /電話をかけられませんでした/],
]) {
    test(`a call that ends as ${status}: told within seconds, and called again at once`, async () => {
        next_hours();
        const account = await new_account();
        await with_pages(browser, async (open) => {
            const page = await open();
            const call = await called(page, account, account.fixed_line);
            await report(call, 'ringing');
            assert.equal(await report(call, status), 204);
            await page.locator(`[data-state="${state}"]`).waitFor(kSoon);
            assert.match(await page.locator('.state').innerText(), words);
            await inspect(page, `delivery-call-${state}`);
            await press(page, page.locator('button[name="by"][value="voice"]'));
            assert_place(page, '/sign-in/code');
            const next = await provider.asked(account.fixed_line, 2);
            assert.notEqual(heard(next.fields.Twiml).digits, heard(call.fields.Twiml).digits, 'a code of its own');
            assert.notEqual(next.fields.StatusCallback, call.fields.StatusCallback);
            assert.equal(await report(call, 'in-progress'), 204, 'a late report of the first call');
            await report(next, 'in-progress');
            await page.locator('[data-state="answered"]').waitFor(kSoon);
            assert_no_complaints(page);
        });
    });
}

test('a forged report is refused and changes nothing; the same one twice is harmless', async () => {
    next_hours();
    const account = await new_account();
    await with_pages(browser, async (open) => {
        const page = await open();
        const call = await called(page, account, account.fixed_line);
        assert.equal(await report(call, 'busy', { token: 'a guessed token' }), 403);
        assert.equal(await report(call, 'busy', { signature: '' }), 403);
        assert.equal(await report(call, 'ringing', { change: { CallStatus: 'busy' } }), 403);
        assert.equal(await report({ ...call, fields: { ...call.fields, StatusCallback: `${call.fields.StatusCallback}0` } }, 'busy'), 204, 'of a message that is not there');
        await page.reload();
        assert.equal(await page.locator('.state').getAttribute('data-state'), 'ringing');
        for (let i = 0; i < 3; ++i) assert.equal(await report(call, 'no-answer'), 204);
        await page.locator('[data-state="unanswered"]').waitFor(kSoon);
    });
});

test('a provider that does not answer: nothing is sent again, the page says so, a late report settles it', async () => {
    next_hours();
    const account = await new_account();
    provider.behave = 'silent';
    try {
        await with_pages(browser, async (open) => {
            const page = await open();
            const call = await called(page, account, account.fixed_line);
            await page.locator('[data-state="unknown"]').waitFor({ timeout: 15_000 });
            await inspect(page, 'delivery-call-unknown');
            assert.equal(provider.requests.filter(({ fields }) => fields.To === call.fields.To).length, 1);
            await report(call, 'in-progress');
            await page.locator('[data-state="answered"]').waitFor(kSoon);
            await enter_code(page, heard(call.fields.Twiml).digits.slice(0, 6));
            assert.equal(place(page), '/sign-in/new-password', 'the code that was heard is good');
        });
    } finally {
        provider.behave = 'well';
    }
});

test('a provider that is down: the page says so within seconds, and another way needs no wait', async () => {
    next_hours();
    const account = await new_account();
    provider.behave = 'down';
    try {
        await with_pages(browser, async (open) => {
            const page = await open();
            await called(page, account, account.phone);
            await page.locator('[data-state="stuck"]').waitFor(kSoon);
            await inspect(page, 'delivery-call-stuck');
            assert.equal(await press(page, page.locator('button[name="by"][value="sms"]')), 200);
            await page.locator('[data-state="sent"], [data-state="delivered"]').waitFor(kSoon);
            assert.equal(await answer(page, { code: '000000' }), 400);
            await press(page, page.locator('button[name="method"][value="totp"]'));
            assert_place(page, '/sign-in/authenticator');
        });
    } finally {
        provider.behave = 'well';
    }
});

test('no log knows a number, a text or a proof: not the server\'s, not nginx\'s, not Kannel\'s', async () => {
    const numbers = all_received().flatMap(({ to }) => [to.slice(1), `0${to.slice(3)}`, to.slice(3)]);
    assert.ok(numbers.length > 0);
    for (const { name, text } of logs()) {
        for (const number of new Set(numbers)) assert.ok(!text.includes(number), `${name} holds a telephone number`);
        assert.doesNotMatch(text, /コード|your code is|proof=|Twiml/, name);
    }
});
