// Makes pages quicker to use. Every task can be finished without it.
'use strict';

// A second press must not send a form twice. The pressed button says that something is under way.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'yes';
    event.submitter?.setAttribute('aria-busy', 'true');
  });
}
// A form that opens a file in a tab of its own leaves this page: when somebody is back, it says what is true by then.
for (const form of document.querySelectorAll('form[data-leaves-page]')) {
  form.addEventListener('submit', () => {
    addEventListener('focus', () => location.reload(), { once: true });
    setTimeout(() => form.querySelector('[aria-busy]')?.removeAttribute('aria-busy'), 2000);
  });
}
// A page that comes back from the history starts afresh.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
  for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
});

// After a refusal, start at the field that needs a hand.
document.querySelector('[aria-invalid="true"]')?.focus();

// Show what is typed into a password field. The button stays hidden where scripts do not run.
for (const button of document.querySelectorAll('[data-shows]')) {
  const input = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.addEventListener('click', () => {
    const show = input.type === 'password';
    input.type = show ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(show));
  });
  // What is shown goes back to dots before it is sent, so that the browser does not keep it as text.
  input.form?.addEventListener('submit', () => { input.type = 'password'; });
}

// Copy a key. Only where the browser lets us.
for (const button of document.querySelectorAll('[data-copies]')) {
  if (!navigator.clipboard) continue;
  const source = document.getElementById(button.dataset.copies);
  const done = document.querySelector(`[data-copied="${button.dataset.copies}"] > *`);
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(source.textContent.replace(/\s/g, ''));
    done.hidden = false;
  });
}

// Print the page. Without scripts the browser's own menu does.
for (const button of document.querySelectorAll('[data-prints]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}

// Read a phone number back while it is typed. The server reads it again and decides.
const spaced = (digits, ...lengths) => {
  const parts = [];
  for (const length of lengths) {
    parts.push(digits.slice(0, length));
    digits = digits.slice(length);
  }
  return parts.join('-');
};
const hyphens = /[\s()\-.\u2010-\u2015\u2212\u30fc\uff70\uff0d~]/g;
const foldPhone = (text) => text.normalize('NFKC').replace(hyphens, '');
// Area codes have two to five digits: only the person who typed the hyphens knows where they stand.
const asTyped = (typed, digits) => {
  const groups = typed.normalize('NFKC').split(hyphens).filter(Boolean);
  return groups.length === 3 && groups.join('') === digits ? groups.join('-') : undefined;
};
const readJapanese = (text, typed) => {
  const digits = text.replace(/^(\+|00)81\(?0?\)?/, '0');
  if (!/^0\d+$/.test(digits)) return null;
  if (/^0(120|800)/.test(digits)) return { kind: 'toll-free' };
  if (/^0570/.test(digits)) return { kind: 'navi-dial' };
  if (/^0990/.test(digits)) return { kind: 'premium' };
  if (/^020/.test(digits)) return { kind: 'machine' };
  if (/^0[6789]0\d{8}$/.test(digits)) return { kind: 'mobile', digits, shown: spaced(digits, 3, 4, 4) };
  if (/^050\d{8}$/.test(digits)) return { kind: 'ip', digits, shown: spaced(digits, 3, 4, 4) };
  if (/^0[1-9]\d{8}$/.test(digits) && !/^0[56789]0/.test(digits)) {
    return { kind: 'fixed', digits, shown: asTyped(typed, digits) ?? (/^0[36]/.test(digits) ? spaced(digits, 2, 4, 4) : digits) };
  }
  return null;
};
const readNumber = (text, callingCode) => {
  const folded = foldPhone(text);
  if (callingCode === '81') return readJapanese(folded, text);
  const digits = folded.replace(/^(\+|00)/, '');
  if (!/^\d{5,14}$/.test(digits)) return null;
  const full = digits.startsWith(callingCode) ? digits : callingCode + digits.replace(/^0/, '');
  return { kind: 'abroad', digits: full, shown: `+${full}` };
};
for (const form of document.querySelectorAll('[data-reads-back]')) {
  const phone = form.elements.phone;
  const echo = (name) => form.querySelector(`[data-echo="${name}"]`);
  const kinds = ['mobile', 'fixed', 'ip', 'abroad'];
  const reasons = ['no-sms-fixed', 'no-sms-ip', 'toll-free', 'navi-dial', 'premium', 'machine'];
  const reasonFor = (number) => {
    if (!number || reasons.includes(number.kind)) return number?.kind;
    const bySms = form.elements.method.value === 'sms';
    return bySms && number.kind === 'fixed' ? 'no-sms-fixed' : bySms && number.kind === 'ip' ? 'no-sms-ip' : undefined;
  };
  const show = () => {
    const country = form.elements.country.selectedOptions[0];
    const number = readNumber(phone.value, country?.dataset.callingCode);
    const reason = reasonFor(number);
    const good = number?.digits !== undefined && !reason;
    echo('number').hidden = !good;
    echo('digits').textContent = good ? number.shown : '';
    for (const kind of kinds) echo(kind).hidden = !good || number.kind !== kind;
    for (const name of reasons) echo(name).hidden = name !== reason;
    form.elements.read_back.value = good ? number.digits : '';
  };
  // What the server said was about the number before this one.
  phone.addEventListener('input', () => {
    phone.removeAttribute('aria-invalid');
    document.getElementById('phone-error')?.remove();
  });
  // A whole number is read back at once; what is not one yet waits until typing pauses, so that a screen reader is not
  // interrupted at each digit. Leaving the field moves nothing: the button that is being pressed would slip away.
  let pause;
  form.addEventListener('input', () => {
    clearTimeout(pause);
    const country = form.elements.country.selectedOptions[0];
    if (readNumber(phone.value, country?.dataset.callingCode)?.digits !== undefined) show();
    else pause = setTimeout(show, 300);
  });
  form.addEventListener('change', (event) => { if (event.target !== phone) show(); });
  form.addEventListener('submit', show);
  if (!phone.hasAttribute('aria-invalid')) show();
}

// Where a message or call stands: asked every two seconds until nothing more will change, at most for three minutes.
for (const state of document.querySelectorAll('[data-polls]')) {
  const final = ['delivered', 'answered', 'unanswered', 'busy', 'failed'];
  let left = 90;
  const ask = async () => {
    if (final.includes(state.dataset.state) || left-- === 0) return;
    try {
      const answer = await fetch(state.dataset.polls, { headers: { accept: 'application/json' }, cache: 'no-store' });
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return;
      const next = answer.ok ? (await answer.json()).state : '';
      if (next && next !== state.dataset.state) state.dataset.state = next;
    } catch {
      // The network is away for a moment: the next question may get through.
    }
    setTimeout(ask, 2000);
  };
  setTimeout(ask, 1000);
}
for (const link of document.querySelectorAll('.without-script')) link.hidden = true;

// A code is read back while it is typed, as the form itself would judge it. Leaving the field moves nothing.
for (const input of document.querySelectorAll('[data-checks]')) {
  const said = document.getElementById(`${input.id}-said`);
  let pause;
  let asked = 0;
  const check = async () => {
    const mine = ++asked;
    if (input.value.trim() === '') {
      said.hidden = true;
      return;
    }
    try {
      const answer = await fetch(`${input.dataset.checks}&code=${encodeURIComponent(input.value)}`, { headers: { accept: 'application/json' } });
      const { text } = answer.ok ? await answer.json() : { text: '' };
      if (mine !== asked) return;
      said.textContent = text;
      said.hidden = text === '';
    } catch {
      said.hidden = true; // the form says it when it is sent
    }
  };
  input.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(check, 400);
  });
}

// The daily report: fold full-width digits, add up, let Enter move on instead of sending, and keep what is typed as a draft.
const report = document.querySelector('[data-report]');
if (report) {
  const counts = [...report.querySelectorAll('[data-count]')];
  const fields = [...report.querySelectorAll('[data-count], [data-difference], [data-again]')];
  // Commas are dropped only where thousands end: "1,5" is no fifteen. The server judges what is left.
  const folded = (input) => {
    const text = input.value.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).trim();
    return /^\d{1,3}(,\d{3})+$/.test(text) ? text.replace(/,/g, '') : text;
  };
  const add = () => {
    const total = counts.reduce((sum, input) => sum + (/^\d{1,9}$/.test(folded(input)) ? Number(folded(input)) : 0), 0);
    const shown = report.querySelector('[data-total]');
    if (shown) shown.textContent = total.toLocaleString('en-US');
  };
  report.addEventListener('input', add);
  for (const input of fields) {
    input.addEventListener('focus', () => input.select());
    input.addEventListener('change', () => { input.value = folded(input) || (counts.includes(input) ? '0' : ''); add(); });
    // The server's word about the number before this one.
    input.addEventListener('input', () => {
      input.removeAttribute('aria-invalid');
      document.getElementById(`${input.id}-error`)?.remove();
    });
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      (fields[fields.indexOf(input) + 1] ?? report.querySelector('textarea, .button--primary')).focus();
    });
  }
  if (report.dataset.drafts) keep_drafts(report);
}

// Saved a moment after the last key, and when the page is left. Nobody's draft is written over: the server says so instead.
function keep_drafts(form) {
  const said = form.querySelector('[data-saved]');
  const state = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== 'version'));
  let stored = state();
  let pause;
  let under_way;
  let stopped = false;
  const say = (text) => {
    said.textContent = text;
    said.hidden = false;
  };
  const save = async () => {
    clearTimeout(pause);
    if (stopped || under_way || form.dataset.sent || state() === stored) return;
    const sending = state();
    let arrived;
    under_way = new Promise((resolve) => { arrived = resolve; });
    try {
      const answer = await fetch(form.dataset.drafts, { method: 'POST', body: new URLSearchParams(new FormData(form)), keepalive: true, headers: { accept: 'application/json' } });
      const told = await answer.json();
      if (answer.ok) {
        stored = sending;
        form.elements.version.value = told.version;
      } else {
        stopped = answer.status === 409;
      }
      if (told.said) say(told.said);
    } catch {
      // The network is away: the next key tries again, and the form itself still holds everything.
    }
    under_way = undefined;
    arrived();
    if (!stopped && state() !== sending) pause = setTimeout(save, 1000);
  };
  form.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(save, 1000);
  });
  // A press while a draft is on its way waits for it: the form must carry the version that the draft has by then.
  form.addEventListener('submit', async (event) => {
    clearTimeout(pause);
    if (!under_way) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await under_way;
    form.requestSubmit(event.submitter);
  }, { capture: true });
  addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') save(); });
}

// Midnight has passed while the page was open: the report still counts for its own day, and the page says so.
for (const watch of document.querySelectorAll('[data-midnight]')) {
  const at = Date.now() + Number(watch.dataset.midnight);
  const look = () => {
    if (Date.now() >= at) watch.firstElementChild.hidden = false;
    else setTimeout(look, Math.min(at - Date.now(), 60_000)); // a computer that slept wakes up late
  };
  look();
}

// On a phone the console's navigation scrolls sideways: bring the current page into view.
document.querySelector('.console__nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

// Dialogs ask before what can't be undone. Without scripts the button's link leads to a page that asks the same.
for (const opener of document.querySelectorAll('[data-opens]')) {
  opener.addEventListener('click', (event) => {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
  });
}
for (const closer of document.querySelectorAll('[data-closes]')) {
  closer.addEventListener('click', () => document.getElementById(closer.dataset.closes).close());
}
