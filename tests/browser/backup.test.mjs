// Backup and restore as an operator does them, each one command (S30): what was there at the backup is there again, what came
// after is not, keys fit (S19), and the audit log is whole (S21).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';

import { first_sign_in_by_application, with_pages } from './journeys.mjs';
import { launch_browser } from './support.mjs';
import { admin, new_account, next_code, next_hours, run_admin } from './world.mjs';

const kOps = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../ops');
const kProduct = process.env.MADOGUCHI_PRODUCT; // the data directory that tests/browser/run made
const kNotFound = 5; // admin-cli/README.md, exit codes

const ops = async (name, ...words) => (await promisify(execFile)(path.join(kOps, name), [...words, '--data', kProduct])).stdout;

let browser;
before(async () => {
    browser = await launch_browser();
});
after(() => browser?.close());
beforeEach(() => next_hours());

test('a backup comes back by one command: nothing of before is lost, nothing of after is left', async () => {
    const kept = await new_account();
    const backed_up = await ops('backup');
    const dump = backed_up.match(/database: (\S+\.dump)/)[1];
    const later = await new_account();
    await admin('health_center', 'account', 'suspend', kept.login_id, '--reason', '復元の試験');

    await ops('restore', dump);

    const shown = await admin('health_center', 'account', 'show', kept.login_id);
    assert.equal((shown.account ?? shown).state, 'pending');
    const lost = await run_admin('health_center', ['account', 'show', later.login_id]);
    assert.equal(lost.status, kNotFound, lost.problem);
    await with_pages(browser, async (open) => {
        await first_sign_in_by_application(await open(), kept, { next_code });
    });
    const verified = await admin('ministry', 'audit', 'verify');
    assert.equal(verified.ok, true, JSON.stringify(verified));
});

test('a damaged backup is refused before anything is touched', async () => {
    const account = await new_account();
    const dump = (await ops('backup')).match(/database: (\S+\.dump)/)[1];
    await promisify(execFile)('truncate', ['--size=-100', dump]);
    await assert.rejects(ops('restore', dump), /damaged/);
    const shown = await admin('health_center', 'account', 'show', account.login_id);
    assert.equal((shown.account ?? shown).login_id, account.login_id);
});
