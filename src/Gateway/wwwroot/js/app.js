import { Chat } from './chat.js';
import { hashOfRoom, roomOfHash } from './format.js';
import { t, translate } from './i18n.js';
import { memory } from './memory.js';
import { askName } from './views/name.js';
import { ConnectionView } from './views/connection.js';
import { ComposerView } from './views/composer.js';
import { HeaderView } from './views/header.js';
import { LogView } from './views/log.js';
import { MembersView } from './views/members.js';
import { SidebarView } from './views/sidebar.js';
import { TypingView } from './views/typing.js';
import { Drawers } from './views/drawers.js';
import { toast } from './views/toast.js';

const DEFAULT_ROOM = 'lobby';

translate(document);
if (!memory.name) memory.name = await askName();
run(memory.name);

function run(name) {
  const chat = new Chat(name);
  const drawers = new Drawers();
  const composer = new ComposerView(chat);
  const views = [
    new SidebarView(chat, { drawers, go, leave: (room) => leave(chat, room), rename: () => rename(name) }),
    new HeaderView(chat),
    new ConnectionView(chat, { rename: () => rename(name) }),
    new LogView(chat, { reply: (m) => composer.reply(m), edit: (m) => composer.edit(m), rename: () => rename(name) }),
    new MembersView(chat, { drawers }),
    new TypingView(chat),
    composer,
  ];
  chat.on((what, detail) => {
    for (const view of views) view.changed(what, detail);
    if (what === 'notice') toast(detail, { lasting: true });
    if (what === 'failed') toast(detail.message || t('actionFailed'));
    titlePage(chat);
  });
  chat.start().catch((error) => {
    if (error.code === 'bad_name') rename(name, t('nameBad'));
  });
  for (const room of memory.rooms) chat.open(room);
  const follow = () => {
    const room = roomOfHash(location.hash);
    if (!room) return location.replace(hashOfRoom(memory.rooms.at(-1) ?? DEFAULT_ROOM));
    chat.open(room);
    return drawers.close();
  };
  addEventListener('beforeunload', (event) => { if (chat.hasUndelivered) event.preventDefault(); });
  addEventListener('hashchange', follow);
  follow();
}

function go(room) {
  location.hash = hashOfRoom(room);
}

function leave(chat, room) {
  chat.leave(room);
  if (chat.active === room) go([...chat.rooms.keys()].at(-1) ?? DEFAULT_ROOM);
}

/** A new name is a new hello; the session, and with it what is one's own, stays. */
async function rename(name, problem) {
  const wanted = await askName({ current: name, problem });
  if (!wanted || wanted === name) return;
  memory.name = wanted;
  location.reload();
}

function titlePage(chat) {
  const title = `${chat.active ? `#${chat.active} · ` : ''}ClusterChat`;
  document.title = chat.unread > 0 ? `(${chat.unread > 99 ? '99+' : chat.unread}) ${title}` : title;
}
