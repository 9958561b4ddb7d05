import { byId } from '../dom.js';
import { t } from '../i18n.js';

// As the server has it (protocol, section 8), but for where joiners have their place, which is the server's to say.
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u2800\ufffc\ufffd\u{13441}\u{13442}\u{16fe4}\u{1d159}]|(?![\u200c\u200d\ufe0f])[\p{Cf}\p{DI}]|^\p{M}/u;
const VISIBLE = /[^\p{Cf}\p{Mn}\p{Me}\p{Zs}\p{DI}]/u;

/** Asks for a name; without a current one there is no way around it. Resolves with null when cancelled. */
export function askName({ current = '', problem = '' } = {}) {
  const [dialog, form, input, error] = ['name-dialog', 'name-form', 'name-input', 'name-error'].map(byId);
  input.value = current;
  error.textContent = problem;
  byId('name-submit').textContent = t(current ? 'nameSave' : 'nameSubmit');
  document.body.classList.toggle('nameless', !current);
  if (!dialog.open) dialog.showModal();
  input.select();
  return new Promise((resolve) => {
    const done = (name) => {
      form.onsubmit = dialog.oncancel = dialog.onclick = null;
      document.body.classList.remove('nameless');
      dialog.close();
      resolve(name);
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      const name = input.value.normalize('NFC').replace(/\p{Zs}+/gu, ' ').trim();
      const valid = name !== '' && [...name].length <= 32 && !FORBIDDEN.test(name) && VISIBLE.test(name);
      error.textContent = valid || name === '' ? '' : t('nameBad');
      if (valid) done(name);
      else input.focus();
    };
    dialog.oncancel = (event) => {
      event.preventDefault();
      if (current) done(null);
    };
    dialog.onclick = (event) => {
      if (event.target === dialog && current) done(null);
    };
  });
}
