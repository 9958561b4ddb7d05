import en from './i18n/en.js';
import zh from './i18n/zh.js';

const language = globalThis.navigator?.language ?? 'en';

/** BCP 47: for the document and for Intl. English dates follow the user's own region. */
export const locale = /^zh\b/i.test(language) ? 'zh-CN' : /^en\b/i.test(language) ? language : 'en';

const table = locale === 'zh-CN' ? zh : en;

export function t(key, ...values) {
  const entry = table[key];
  return typeof entry === 'function' ? entry(...values) : entry;
}

/** Fills in the static page: data-t is the text, data-t-label the accessible name, data-t-hint the placeholder. */
export function translate(root) {
  root.documentElement.lang = locale;
  for (const el of root.querySelectorAll('[data-t]')) el.textContent = t(el.dataset.t);
  for (const el of root.querySelectorAll('[data-t-label]')) {
    el.setAttribute('aria-label', t(el.dataset.tLabel));
    if (el.matches('button')) el.title = t(el.dataset.tLabel);
  }
  for (const el of root.querySelectorAll('[data-t-hint]')) el.placeholder = t(el.dataset.tHint);
}
