// Chromium's virtual authenticator (WebAuthn domain of its DevTools protocol), and the steps that people take with a passkey.
import { assert_place, press } from './journeys.mjs';

/** A device with a fingerprint sensor, as built into a computer or phone; it belongs to `page` alone. */
export async function add_authenticator(page) {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
        options: {
            protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
            automaticPresenceSimulation: true,
        },
    });
    const send = (method, values = {}) => session.send(`WebAuthn.${method}`, { authenticatorId, ...values });
    return {
        credentials: async () => (await send('getCredentials')).credentials,
        add: (credential) => send('addCredential', { credential }),
        /** Whether finger, face or PIN are right: false is also how a person cancels. */
        set_verified: (isUserVerified) => send('setUserVerified', { isUserVerified }),
        /** The device is gone. */
        unplug: () => send('removeVirtualAuthenticator'),
        /** false: nobody touches it. */
        set_present: (enabled) => send('setAutomaticPresenceSimulation', { enabled }),
    };
}

/** On the choice of a second step. */
export async function choose_passkey(page, { see = async () => {} } = {}) {
    await page.locator('[name="method"][value="passkey"]').check();
    await see(page, 'chosen');
    await press(page);
    assert_place(page, '/sign-in/passkey/new');
    await see(page, 'register');
}

export async function make_passkey(page, { name } = {}) {
    if (name !== undefined) {
        await page.locator('[name="name"]').fill(name);
    }
    await use_passkey(page);
}

/** Presses the button; the script sends the form once the authenticator has answered, which a click does not wait for. */
export async function use_passkey(page) {
    const arrived = page.waitForEvent('framenavigated');
    await page.locator('main .button--primary').click();
    await arrived;
    await page.waitForLoadState();
}

/** The reason that the page itself gives, once it gives one (`wanted`, or any). */
export async function problem_shown(page, wanted) {
    const notice = page.locator(wanted ? `[data-problem="${wanted}"]:visible` : '[data-problem]:visible');
    await notice.waitFor();
    return notice.getAttribute('data-problem');
}
