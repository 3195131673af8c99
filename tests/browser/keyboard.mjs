// A screen as somebody without a mouse uses it: Tab, from the first element to the last.
import assert from 'node:assert/strict';

/** Numbers what must be reached: whatever acts and is to be seen, one of each group of radio buttons. How many there are. */
function number_what_acts() {
    const groups = new Set();
    let count = 0;
    for (const element of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')) {
        const folded = element.closest('details:not([open])') && element.tagName !== 'SUMMARY';
        if (element.disabled || element.tabIndex < 0 || folded || getComputedStyle(element).visibility === 'hidden' || !element.getClientRects().length) {
            continue;
        }
        if (element.type === 'radio') {
            const group = `${element.form?.action ?? ''} ${element.name}`;
            if (groups.has(group)) {
                continue;
            }
            groups.add(group);
            for (const other of document.querySelectorAll(`input[type=radio][name="${CSS.escape(element.name)}"]`)) {
                other.dataset.stop = String(count);
            }
        }
        element.dataset.stop = String(count);
        ++count;
    }
    return count;
}

/** What has the focus: its number, and what a person could not see of it. Nothing once the focus has left the page. */
function look_at_focus() {
    const element = document.activeElement;
    if (!element || element === document.body) {
        return null;
    }
    const framed = (node) => {
        const style = getComputedStyle(node);
        return (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    };
    const box = element.getBoundingClientRect();
    const label = element.closest('label');
    const problems = [];
    if (!framed(element) && !(label && framed(label))) {
        problems.push('has no frame');
    }
    if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) {
        problems.push('is out of sight');
    }
    const top = document.elementFromPoint((Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2);
    if (top && !element.contains(top) && !top.contains(element) && !(label && label.contains(top))) {
        problems.push('is covered');
    }
    return { stop: element.dataset.stop, href: element.getAttribute('href'), problems: problems.map((problem) => `${element.outerHTML.slice(0, 120)} ${problem}`) };
}

/** Everything is reached in one round, seen while it has the focus, and left again; the first stop leads past what is on every page. */
export async function assert_worked_by_keyboard(page) {
    const stops = await page.evaluate(number_what_acts);
    // As in a page that was just opened: the next Tab begins at its top.
    await page.evaluate(() => {
        const top = document.createElement('span');
        top.tabIndex = -1;
        document.body.prepend(top);
        top.focus();
        top.remove();
        scrollTo(0, 0);
    });
    const reached = new Set();
    const problems = [];
    let first;
    let left = false;
    for (let press = 0; press < stops + 5 && !left; ++press) {
        await page.keyboard.press('Tab');
        const focus = await page.evaluate(look_at_focus);
        // A browser without a frame of its own goes on at the top.
        left = focus === null || (press > 0 && focus.stop === first);
        if (focus && !left) {
            first ??= focus.stop;
            if (press === 0 && !focus.href?.startsWith('#')) {
                problems.push('the first stop does not lead to the content');
            }
            reached.add(focus.stop);
            problems.push(...focus.problems);
        }
    }
    if (!left) {
        problems.push('the focus never leaves the page');
    }
    const missed = await page.evaluate((seen) => [...document.querySelectorAll('[data-stop]')].filter((element) => !seen.includes(element.dataset.stop))
        .map((element) => element.outerHTML.slice(0, 120)), [...reached]);
    assert.deepEqual([...problems, ...missed.map((element) => `${element} is never reached`)], [], page.url());
}
