import { byId } from '../dom.js';
import { t } from '../i18n.js';

// As the server has it: nothing that breaks a line or turns the direction of what follows, and something to see.
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const VISIBLE = /[^\p{Cf}\p{Mn}\p{Me}\p{Zs}\u115f\u1160\u2800\u3164\uffa0]/u;

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
      const name = input.value.trim().normalize('NFC');
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
