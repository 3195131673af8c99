// Passkeys: the browser's ceremony, its result put into the page's form. Pages say what to do where this can't run.
'use strict';
{
  const possible = Boolean(window.PublicKeyCredential && navigator.credentials);
  for (const element of document.querySelectorAll('[data-passkey-only]')) element.hidden = !possible;
  for (const element of document.querySelectorAll('[data-without-passkey]')) element.hidden = possible;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer ?? []))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const named = (credentials) => credentials.map((credential) => ({ ...credential, id: bytes(credential.id) }));

  const ceremonies = {
    create: async (options) => {
      const user = { ...options.user, id: bytes(options.user.id) };
      const publicKey = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: named(options.excludeCredentials) };
      const { response } = await navigator.credentials.create({ publicKey });
      return {
        client_data: text(response.clientDataJSON),
        attestation_object: text(response.attestationObject),
        transports: (response.getTransports?.() ?? []).join(' '),
      };
    },
    get: async (options) => {
      const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
      const { rawId, response } = await navigator.credentials.get({ publicKey });
      return {
        credential_id: text(rawId),
        client_data: text(response.clientDataJSON),
        authenticator_data: text(response.authenticatorData),
        signature: text(response.signature),
        user_handle: text(response.userHandle),
      };
    },
  };

  // Browsers say one thing for "cancelled", "no passkey here" and "too late", so that pages learn nothing of other accounts.
  const problem_of = (error, took, limit) => {
    if (error.name === 'InvalidStateError') return 'registered';
    if (error.name === 'SecurityError') return 'origin';
    if (error.name === 'NotAllowedError' || error.name === 'AbortError') return took >= limit ? 'timeout' : 'cancelled';
    return 'unable';
  };

  // Two ceremonies at once disturb each other.
  let under_way = false;
  const begin = async (form, by_itself) => {
    if (under_way) return;
    under_way = true;
    const problems = form.querySelectorAll('[data-problem]');
    const button = form.querySelector('.button--primary');
    const options = JSON.parse(form.dataset.options);
    const started = performance.now();
    for (const notice of problems) notice.hidden = true;
    button.setAttribute('aria-busy', 'true');
    try {
      const values = await ceremonies[form.dataset.passkey](options);
      for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
      form.submit();
    } catch (error) {
      const took = performance.now() - started;
      button.removeAttribute('aria-busy');
      delete form.dataset.sent;
      under_way = false;
      // Some browsers begin only at a press: then the button is there, and nothing went wrong.
      if (by_itself && error.name === 'NotAllowedError' && took < 200) return;
      const problem = problem_of(error, took, options.timeout);
      for (const notice of problems) notice.hidden = notice.dataset.problem !== problem;
      for (const notice of form.querySelectorAll(':scope > .notice[role="alert"]')) notice.hidden = true;
      const prefix = form.querySelector('[data-passkey-problems]').dataset.titlePrefix;
      if (!document.title.startsWith(prefix)) document.title = prefix + document.title;
    }
  };

  for (const form of document.querySelectorAll('[data-passkey]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      // Before a passkey is made, not after: one that is refused for its name would stay on the device.
      if (form.reportValidity()) begin(form, false);
      else delete form.dataset.sent;
    });
    if (possible && form.hasAttribute('data-starts-by-itself')) begin(form, true);
  }
}
