// One screen, looked at: a picture at both widths, axe, nothing sideways, nothing in the console.
import assert from 'node:assert/strict';

import { told } from './journeys.mjs';
import { assert_accessible, assert_no_complaints, screenshot } from './support.mjs';

export async function inspect(page, name) {
    await look(page, name);
    await assert_accessible(page);
}

/** The picture and the console only: for a screen that differs from an inspected one by a sentence. */
export async function look(page, name) {
    await screenshot(page, name);
    assert_no_complaints(page);
}

/** An `inspect` for journeys' `see`, with `prefix` before each name. */
export const seen_as = (prefix) => (page, name) => inspect(page, `${prefix}-${name}`);

/** A refused form: status and reason, told in the title too, then the screen itself (`how`: inspect or look). Returns what it told. */
export async function inspect_refusal(page, name, status, wanted_status, reason, how = inspect) {
    assert.equal(status, wanted_status, name);
    const said = await told(page);
    const everything = [said.notice, said.heading, ...said.fields, await page.locator('main').innerText()].join(' ');
    assert.match(everything, reason, name);
    assert.match(said.title, /^エラー：/, `${name}: the title says that something was refused`);
    await how(page, name);
    return said;
}
