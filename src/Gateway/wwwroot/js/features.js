/**
 * What the server can do beyond sending, joining and reading back. It answers `unknown_type` to the rest, so the app
 * shows no control for it and sends nothing of the kind; whatever a log holds of it is still shown. The one place to
 * switch each of them on.
 */
export const features = Object.freeze({
  edit: false,
  delete: false,
  react: false,
  read: false,               // who has read what; the unread mark of this browser works without
});
