/** What this browser remembers between visits. Private windows may forbid it; then nothing is remembered. */
const KEY = 'clusterchat.';
const ROOMS_REMEMBERED = 200;

const storage = {
  getItem(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  },
  setItem(key, value) {
    try { localStorage.setItem(key, value); } catch { /* full or forbidden */ }
  },
};

function load(key, otherwise) {
  try {
    return JSON.parse(storage.getItem(KEY + key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

const save = (key, value) => storage.setItem(KEY + key, JSON.stringify(value));

export const memory = {
  storage,
  get name() { return load('name', ''); },
  set name(value) { save('name', value); },
  get rooms() {
    const rooms = load('rooms', []);
    return Array.isArray(rooms) ? rooms.filter((r) => typeof r === 'string').slice(0, 50) : [];
  },
  set rooms(value) { save('rooms', value); },
  readUpTo(room, log) {
    const mark = load('read', {})[room];
    return mark?.log === log ? mark.seq : 0;
  },
  setReadUpTo(room, log, seq) {
    const { [room]: _, ...others } = load('read', {});
    save('read', Object.fromEntries([...Object.entries(others).slice(1 - ROOMS_REMEMBERED), [room, { log, seq }]]));
  },
};
