// Passkeys: what only a browser's script can ask for (WebAuthn). Everything else works without scripts.
(() => {
  'use strict';
  const token = () => document.querySelector('input[name=__RequestVerificationToken]')?.value ?? '';

  const send = async (method, path, body) => {
    const answer = await fetch(path, { method, headers: { 'content-type': 'application/json', RequestVerificationToken: token() }, body: JSON.stringify(body) });
    const given = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(given.detail ?? 'That did not work. Try again.'), { code: given.error });
    return given;
  };

  const ask = async (options) => (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON();

  const acts = {
    async 'sign-in'(button) {
      const { challengeId, options } = await send('POST', '/auth/passkey/login/options', {});
      await send('POST', '/auth/passkey/login/verify', { challengeId, response: await ask(options) });
      location.assign(button.dataset.next);
    },
    async register() {
      const { challengeId, options } = await send('POST', '/auth/passkey/register/options', {});
      const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
      await send('POST', '/auth/passkey/register/verify', { challengeId, response: made.toJSON(), name: document.getElementById('passkeyName').value });
      location.assign('/portal/settings?done=passkey');
    },
    // What a button says: the passkey confirms exactly these parameters, and the same are sent with the confirmation.
    async confirm(button) {
      const params = JSON.parse(button.dataset.params);
      const fill = button.dataset.fill;
      if (fill) params[fill] = [...new Set(document.getElementById(fill).value.split(/[\s,]+/).filter(Boolean))].sort();
      const { challengeId, options } = await send('POST', '/auth/step-up/options', { action: button.dataset.action, params });
      await send('POST', button.dataset.path, { ...params, stepUp: { challengeId, response: await ask(options) } });
      location.assign(button.dataset.next);
    },
    async remove(button) {
      const params = { passkeyId: button.dataset.id };
      const { challengeId, options } = await send('POST', '/auth/step-up/options', { action: 'passkey.delete', params });
      await send('DELETE', '/me/passkeys/' + button.dataset.id, { stepUp: { challengeId, response: await ask(options) } });
      location.assign('/portal/settings?done=passkey-removed');
    },
  };

  const able = typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';
  for (const button of document.querySelectorAll('button[data-passkey]')) {
    const told = document.getElementById('passkey-told');
    if (!able) {
      told.textContent = 'This browser has no passkeys.';
      continue;
    }
    button.disabled = false;
    button.addEventListener('click', async () => {
      button.disabled = true;
      told.textContent = 'Follow what your browser asks.';
      try {
        await acts[button.dataset.passkey](button);
      } catch (fault) {
        told.textContent = fault.name === 'NotAllowedError' ? 'Nothing was done: the browser was told to stop, or it took too long.' : fault.name === 'InvalidStateError' ? 'This device has a passkey here already.' : fault.message;
        button.disabled = false;
      }
    });
  }
})();
