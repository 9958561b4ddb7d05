/** Builds elements from text nodes and attributes only: nothing that came over the wire is ever parsed as HTML. */
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else if (name === 'class') el.className = value;
    else if (name === 'testid') el.dataset.testid = value;
    else if (name === 'data') Object.assign(el.dataset, value);
    else if (name === 'vars') for (const [key, v] of Object.entries(value)) el.style.setProperty(key, v);
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

export const byId = (id) => document.getElementById(id);

const PATHS = {
  send: 'M4.5 12h13M12 5.500l6.5 6.5-6.5 6.5',
  menu: 'M4 7h16M4 12h16M4 17h10',
  people: 'M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.3 2.9-5.5 6.5-5.500s6.5 2.2 6.5 5.500M16 4.900a3.5 3.5 0 0 1 0 6.200M18 15c2.1.8 3.5 2.6 3.5 5',
  close: 'M6 6l12 12M18 6 6 18',
  reply: 'M9.5 6 4 11.5 9.5 17M4.5 11.500H14a6 6 0 0 1 6 6v1',
  smile: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.500c.8 1.2 2 1.9 3.5 1.900s2.7-.7 3.5-1.900M9 9.500v.4M15 9.500v.4',
  edit: 'M4 20h4L19 9a2.1 2.1 0 0 0-3-3L5 17l-1 3ZM14.5 7.500l3 3',
  trash: 'M4.5 7h15M9.5 7V4.500h5V7M6.5 7l.8 12.500h9.400L17.5 7M10.5 11v5M13.5 11v5',
  check: 'M5 12.500l4.5 4.500L19 7.5',
  clock: 'M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.500V12l3 2',
  down: 'M12 5v13.500M6 12.500l6 6 6-6',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300L12 6.400M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1-1.1',
  warn: 'M12 8v5M12 16.500v.2M12 3.5 2.5 20h19L12 3.500Z',
};

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** Several changes in one frame are drawn once. Hidden tabs get no frames, so a slow timer stands in. */
export function batched(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    const run = () => {
      if (!waiting) return;
      waiting = false;
      draw();
    };
    requestAnimationFrame(run);
    if (document.hidden) setTimeout(run, 250);
  };
}

/**
 * Makes the children of `parent` the given rows, in order, keeping every element whose key and version are as they
 * were; the focus stays in a row that is made anew. `rows`: { key, version, make() }. `cache` is a Map that belongs to this parent.
 */
export function reconcile(parent, rows, cache) {
  const wanted = new Set();
  let cursor = parent.firstChild;
  for (const row of rows) {
    wanted.add(row.key);
    let entry = cache.get(row.key);
    if (!entry || entry.version !== row.version) {
      const el = row.make();
      if (entry) {
        if (cursor === entry.el) cursor = el;
        const focused = entry.el.contains(document.activeElement);
        entry.el.replaceWith(el);
        if (focused) (el.hasAttribute('tabindex') ? el : el.querySelector('a[href], button'))?.focus({ preventScroll: true });
      }
      entry = { el, version: row.version };
      cache.set(row.key, entry);
    }
    if (entry.el === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(entry.el, cursor);
  }
  for (const [key, entry] of cache) {
    if (wanted.has(key)) continue;
    if (cursor === entry.el) cursor = cursor.nextSibling;
    entry.el.remove();
    cache.delete(key);
  }
}
