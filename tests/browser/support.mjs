// What every browser test needs: a browser, screenshots, axe, the QR code as a phone would see it, codes, and the development inbox.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import jsQR from 'jsqr';
import * as OTPAuth from 'otpauth';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';

export const kOrigin = process.env.MADOGUCHI_ORIGIN ?? 'https://localhost:8443';
const kBrowser = process.env.MADOGUCHI_CHROMIUM ?? '/usr/bin/chromium';
const kWidths = [1280, 390]; // the design's two: a desk and a phone
const kHeight = 900;
const kWaitMs = 15_000; // on a busy machine with two cores; a page takes well under a second otherwise
const kFlags = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
];

/** A browser with an empty profile. `await browser.close()` also removes what it left behind. */
export async function launch_browser() {
    const home = await mkdtemp(path.join(tmpdir(), 'madoguchi-browser-'));
    const browser = await chromium.launch({
        executablePath: kBrowser,
        args: kFlags,
        timeout: 60_000,
        env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
    });
    const close = browser.close.bind(browser);
    browser.close = async () => {
        await close();
        await rm(home, { recursive: true, force: true, maxRetries: 5 });
    };
    return browser;
}

/**
 * A page of its own, as in a private window: nothing shared with other pages. `width` and `javascript` as the test needs.
 * Browser-side errors (uncaught exceptions, refused by the content security policy, failed assets) collect in `page.complaints`.
 */
export async function private_page(browser, { width = kWidths[0], javascript = true, locale = 'ja-JP' } = {}) {
    const context = await browser.newContext({
        baseURL: kOrigin,
        ignoreHTTPSErrors: true, // the local certificate signs itself
        javaScriptEnabled: javascript,
        locale,
        timezoneId: 'Asia/Tokyo',
        viewport: { width, height: kHeight },
        reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(kWaitMs);
    const page = await context.newPage();
    page.complaints = [];
    page.on('pageerror', (error) => page.complaints.push(`exception: ${error.message}`));
    page.on('console', (message) => {
        // A refused form answers 4xx on purpose, and Chromium reports that as an error of the document.
        const own_status = message.text().startsWith('Failed to load resource') && message.location().url === page.url();
        if (message.type() === 'error' && !own_status) {
            page.complaints.push(`console: ${message.text()}`);
        }
    });
    return page;
}

/** `name-1280.png` and `name-390.png` of the whole page in MADOGUCHI_ARTIFACTS; without that variable, nothing. */
export async function screenshot(page, name) {
    const directory = process.env.MADOGUCHI_ARTIFACTS;
    if (!directory) {
        return [];
    }
    assert.match(name, /^[a-z0-9-]+$/, 'a screenshot name is a file name');
    await mkdir(directory, { recursive: true });
    const before = page.viewportSize();
    const files = [];
    for (const width of kWidths) {
        await page.setViewportSize({ width, height: kHeight });
        const file = path.join(directory, `${name}-${width}.png`);
        await page.screenshot({ path: file, fullPage: true, animations: 'disabled', caret: 'hide' });
        files.push(file);
    }
    await page.setViewportSize(before);
    return files;
}

/** axe finds nothing, at both widths, and the page does not scroll sideways. Lists every finding with its element. */
export async function assert_accessible(page) {
    const before = page.viewportSize();
    const findings = [];
    for (const width of kWidths) {
        await page.setViewportSize({ width, height: kHeight });
        const { violations } = await new AxeBuilder({ page }).analyze();
        for (const { id, impact, help, nodes } of violations) {
            for (const node of nodes) {
                findings.push(`${width}px ${id} (${impact}): ${help}\n    ${node.html}`);
            }
        }
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (overflow > 0) {
            findings.push(`${width}px: the page is ${overflow}px wider than the window`);
        }
    }
    await page.setViewportSize(before);
    assert.equal(findings.length, 0, `${page.url()}\n${findings.join('\n')}`);
}

/** Nothing went wrong in the browser itself since the page was opened. */
export function assert_no_complaints(page) {
    assert.deepEqual(page.complaints, []);
}

/** The text of the QR code in a picture of `locator`, read as a camera would: from pixels, not from markup. */
export async function read_qr_code(locator) {
    await locator.scrollIntoViewIfNeeded();
    const picture = PNG.sync.read(await locator.screenshot({ animations: 'disabled' }));
    const found = jsQR(new Uint8ClampedArray(picture.data), picture.width, picture.height);
    assert.ok(found, `no QR code can be read in a picture of ${picture.width} x ${picture.height}`);
    return found.data;
}

/** What an authenticator app makes of the URI in a QR code. */
export function authenticator(uri) {
    const totp = OTPAuth.URI.parse(uri);
    assert.ok(totp instanceof OTPAuth.TOTP, 'not a TOTP URI');
    return {
        issuer: totp.issuer,
        label: totp.label,
        key: totp.secret.base32,
        digits: totp.digits,
        period_seconds: totp.period,
        /** The code at `at` (milliseconds since 1970). */
        code: (at = Date.now()) => totp.generate({ timestamp: at }),
        /** The step that `code(at)` belongs to; the server accepts each step once. */
        step: (at = Date.now()) => Math.floor(at / 1000 / totp.period),
    };
}

/** Any way in which a number may be shown or typed, as the digits of its Japanese form: +81 90-0000-1234 is 09000001234. */
export function phone_digits(number) {
    const folded = number.normalize('NFKC');
    const digits = folded.replace(/\D/g, '');
    return folded.trim().startsWith('+81') ? `0${digits.slice(2).replace(/^0/, '')}` : digits;
}

/** All messages of the development inbox for `number`, newest first: { id, text, code }. Reads the page as a newcomer does. */
export async function inbox_messages(inbox, number) {
    await inbox.goto('/development/inbox');
    const sections = await inbox.locator('section[aria-labelledby^="message-"]').evaluateAll((found) =>
        found.map((section) => ({
            id: section.getAttribute('aria-labelledby').slice('message-'.length),
            to: section.querySelector('h2 .nowrap').textContent,
            text: section.querySelector('.message').textContent.trim(),
        })),
    );
    return sections
        .filter(({ to }) => phone_digits(to) === phone_digits(number))
        .map(({ id, text }) => ({ id, text, code: code_in(text) }));
}

/** Six digits in a row, or read out one by one (1、2、3、4、5、6); nothing that is part of a phone number. */
export function code_in(text) {
    const folded = text.normalize('NFKC');
    const found = folded.match(/(?<![\d-])\d{6}(?![\d-])/) ?? folded.match(/(?<!\d)\d(?:[ ,、]{1,2}\d){5}(?!\d)/);
    return found ? found[0].replace(/\D/g, '') : undefined;
}

/** Waits until the inbox holds a message with a code for `number` that is not among `known` (ids of messages already used). */
export async function newest_code(inbox, number, { known = [], wait_ms = kWaitMs } = {}) {
    return until(`a code for ${number} in the inbox`, wait_ms, async () => {
        const messages = await inbox_messages(inbox, number);
        return messages.find(({ id, code }) => code && !known.includes(id));
    });
}

/** What the called person or the network does with the newest message for `number`: answer, ignore, busy or fail. */
export async function respond_in_inbox(inbox, number, response, { wait_ms = kWaitMs } = {}) {
    assert.ok(['answer', 'ignore', 'busy', 'fail'].includes(response), response);
    const { id, button } = await until(`a message for ${number} that can ${response}`, wait_ms, async () => {
        for (const message of await inbox_messages(inbox, number)) {
            const candidate = inbox.locator(`form[action="/development/inbox/${message.id}/${response}"] button`);
            if ((await candidate.count()) === 1) {
                return { id: message.id, button: candidate };
            }
        }
        return undefined;
    });
    const answered = inbox.waitForResponse((reply) => reply.request().method() === 'POST');
    await button.click();
    const status = (await answered).status();
    assert.ok(status < 400, `the inbox answered ${status}`);
    await inbox.waitForLoadState();
    return id;
}

/** Polls `attempt` until it gives something; the only waiting in these tests. */
export async function until(what, wait_ms, attempt) {
    const deadline = Date.now() + wait_ms;
    for (;;) {
        const found = await attempt();
        if (found) {
            return found;
        }
        assert.ok(Date.now() < deadline, `waited ${wait_ms} ms for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}
