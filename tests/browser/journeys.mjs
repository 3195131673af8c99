// The steps of signing in as a person takes them, in either language, with or without scripts: by fields and addresses, never by sentences.
import assert from 'node:assert/strict';

import { authenticator, newest_code, private_page, read_qr_code, respond_in_inbox } from './support.mjs';

export const kPassword = 'tsukue no ue ni ringo ga mittsu';

const nothing = async () => {};

/** Where the browser stands, without the origin. */
export const place = (page) => new URL(page.url()).pathname;

export function assert_place(page, wanted) {
    assert.equal(place(page), wanted);
}

/** Presses the page's one filled button (or `button`) and waits for the answer, whatever its status; returns the status. */
export async function press(page, button = page.locator('main .button--primary:visible').first()) {
    const answered = page.waitForResponse((reply) => reply.request().isNavigationRequest() && reply.status() < 300 || reply.status() >= 400);
    await button.click();
    const status = (await answered).status();
    await page.waitForLoadState();
    return status;
}

/** Fills one field and presses the button. */
export async function answer(page, values) {
    for (const [field, value] of Object.entries(values)) {
        await page.locator(`main [name="${field}"]`).first().fill(value);
    }
    return press(page);
}

export async function enter_id(page, login_id) {
    await page.goto('/sign-in');
    return answer(page, { login_id });
}

export async function enter_password(page, { login_id, password }) {
    await enter_id(page, login_id);
    assert_place(page, '/sign-in/password');
    return answer(page, { password });
}

export const enter_code = (page, code) => answer(page, { code });

/** Chooses SMS or a call for `phone` and has the code sent; without scripts the number is read back on a page of its own. */
export async function choose_phone(page, kind, phone, { see = nothing, javascript = true } = {}) {
    await page.locator(`[name="method"][value="${kind}"]`).check();
    await page.locator('[name="phone"]').fill(phone);
    if (javascript) {
        await page.locator('[data-echo="number"]').waitFor();
        await see(page, 'second-step-number-read-back');
        await press(page);
    } else {
        await press(page);
        await see(page, 'confirm-number');
        await press(page);
    }
    assert_place(page, '/sign-in/code');
}

export async function choose_application(page) {
    await page.locator('[name="method"][value="totp"]').check();
    await press(page);
    assert_place(page, '/sign-in/authenticator');
}

/** Reads the app's key from the picture, and checks that the text beside it gives the same. */
export async function scan(page) {
    const uri = await read_qr_code(page.locator('svg.qr'));
    const app = authenticator(uri);
    const key = (await page.locator('#key').textContent()).replace(/\s/g, '');
    assert.equal(key, app.key, 'the key as text is the key of the picture');
    return { ...app, uri };
}

export const replace_password = (page, current, wanted = kPassword, again = wanted) =>
    answer(page, { current_password: current, new_password: wanted, new_password_again: again });

/** Up to the choice of a second step. */
export async function begin_first_sign_in(page, { login_id, initial_password }, { see = nothing } = {}) {
    await page.goto('/sign-in');
    await see(page, 'sign-in');
    await answer(page, { login_id });
    await see(page, 'password');
    await answer(page, { password: initial_password });
    assert_place(page, '/sign-in/second-step');
    await see(page, 'second-step');
}

/** The whole first sign-in with an authenticator app; the app is returned. */
export async function first_sign_in_by_application(page, account, { next_code, see = nothing }) {
    await begin_first_sign_in(page, account, { see });
    await choose_application(page);
    await see(page, 'authenticator');
    const app = await scan(page);
    assert.equal(app.label, account.login_id);
    await enter_code(page, next_code(app));
    assert_place(page, '/sign-in/new-password');
    await see(page, 'new-password-after-application');
    await replace_password(page, account.initial_password);
    assert_place(page, '/');
    return app;
}

/** The whole first sign-in by SMS; `inbox` is a page of the newcomer's own. */
export async function first_sign_in_by_sms(page, inbox, account, { see = nothing, javascript = true } = {}) {
    await begin_first_sign_in(page, account, { see });
    await choose_phone(page, 'sms', account.phone, { see, javascript });
    const message = await newest_code(inbox, account.phone);
    if (javascript) {
        await page.locator('[data-state="delivered"]').waitFor();
    } else {
        await page.reload();
    }
    await see(page, 'code-sms-sent');
    await enter_code(page, message.code);
    assert_place(page, '/sign-in/new-password');
    await see(page, 'new-password');
    await replace_password(page, account.initial_password);
    assert_place(page, '/');
    return message;
}

/** The whole first sign-in by a call to `number`. */
export async function first_sign_in_by_voice(page, inbox, account, number, { see = nothing } = {}) {
    await begin_first_sign_in(page, account);
    await choose_phone(page, 'voice', number);
    await page.locator('[data-state="ringing"]').waitFor();
    await see(page, 'code-call-ringing');
    await respond_in_inbox(inbox, number, 'answer');
    await page.locator('[data-state="answered"]').waitFor();
    await see(page, 'code-call-answered');
    const message = await newest_code(inbox, number);
    await enter_code(page, message.code);
    assert_place(page, '/sign-in/new-password');
    await replace_password(page, account.initial_password);
    assert_place(page, '/');
    return message;
}

/** The second sign-in up to the code. */
export async function begin_sign_in(page, account, password = kPassword) {
    await enter_password(page, { login_id: account.login_id, password });
    assert_place(page, '/sign-in/code');
}

/** What a screen reader and a sighted person are told went wrong: the notice's title and text, and each field's reason. */
export async function told(page) {
    const texts = async (selector) => (await page.locator(selector).allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim());
    return {
        notice: (await texts('main [role="alert"]:visible')).join(' '),
        fields: await texts('main .field__error:visible'),
        title: await page.title(),
        heading: (await texts('main h1')).join(' '),
    };
}

/** Runs `work` with pages that are closed again: `open(options)` gives a private one. */
export async function with_pages(browser, work) {
    const opened = [];
    const open = async (options) => {
        const page = await private_page(browser, options);
        opened.push(page);
        return page;
    };
    try {
        return await work(open);
    } finally {
        await Promise.all(opened.map((page) => page.context().close()));
    }
}
