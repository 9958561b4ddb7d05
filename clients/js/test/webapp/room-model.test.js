import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomModel } from '../../../../src/Gateway/wwwroot/js/room-model.js';

const msg = (seq, more) => ({ t: 'msg', room: 'lobby', seq, mid: `m${seq}`, from: 'bob', ts: seq, text: `text ${seq}`, ...more });
const model = () => new RoomModel('lobby', { me: () => 'ann' });
const seqs = (m) => m.messages.map((x) => x.seq);

test('a page shows the state that it carries, whatever older changes stand in it', () => {
  const m = model();
  m.replace([msg(1, { text: 'third', edited: true }), { t: 'edited', seq: 2, of: 1, text: 'second' }, msg(3)]);
  assert.deepEqual(seqs(m), [1, 3]);
  assert.equal(m.bySeq(1).text, 'third');
  m.prepend([], false);
  assert.equal(m.more, false);
});

test('edits, deletes and reactions change their message, and once is as good as twice', () => {
  const m = model();
  m.replace([msg(1), msg(2)]);
  const thumb = { t: 'reacted', seq: 3, of: 1, from: 'cy', emoji: '👍', on: true };
  for (const e of [thumb, thumb, { t: 'edited', seq: 4, of: 1, text: 'new' }]) m.apply(e);
  assert.deepEqual([m.bySeq(1).reactions, m.bySeq(1).text, m.bySeq(1).edited], [{ '👍': ['cy'] }, 'new', true]);
  m.apply({ ...thumb, on: false });
  assert.deepEqual(m.bySeq(1).reactions, {});
  m.apply({ t: 'deleted', seq: 6, of: 1 });
  m.apply({ t: 'edited', seq: 7, of: 1, text: 'back?' });
  assert.deepEqual([m.bySeq(1).text, m.bySeq(1).deleted], ['', true]);
  m.apply({ t: 'deleted', seq: 8, of: 999 });
});

test('an own message turns from pending to sent, whether ack or event comes first', () => {
  for (const order of ['ack first', 'event first']) {
    const m = model();
    m.addOutgoing('x', 'hi', null, 5);
    assert.equal(m.outgoing[0].state, 'pending');
    const event = () => m.apply(msg(1, { mid: 'x', from: 'ann', text: 'hi' }));
    if (order === 'ack first') {
      m.acked('x', 1, 9, 0);
      assert.deepEqual([m.outgoing[0].state, m.outgoing[0].ts], ['sent', 9]);
      event();
    } else {
      event();
      m.acked('x', 1, 9, 1);
    }
    assert.deepEqual([m.outgoing.length, seqs(m), m.last.key], [0, [1], 'm:x'], order);
    assert.equal(m.unread, 0);
  }
});

test('an ack for an event that is not in the page any more leaves no ghost', () => {
  const m = model();
  m.addOutgoing('x', 'hi', null, 5);
  m.replace([msg(80)]);
  m.acked('x', 7, 9, 80);
  assert.equal(m.outgoing.length, 0);
});

test("another guest's equal mid does not swallow a message on its way", () => {
  const m = model();
  m.addOutgoing('x', 'hi', null, 5);
  m.apply(msg(1, { mid: 'x' }));
  assert.equal(m.outgoing.length, 1);
});

test('unread counts others only, and the line stands before the first of them', () => {
  const m = model();
  m.replace([msg(1)]);
  m.apply(msg(2, { from: 'ann' }));
  m.apply(msg(3));
  m.apply(msg(4));
  assert.deepEqual([m.unread, m.newFrom], [2, 3]);
  assert.equal(m.markRead(), true);
  assert.equal(m.markRead(), false);
  m.apply(msg(5));
  assert.deepEqual([m.unread, m.newFrom, m.readUpTo], [1, 5, 4]);
});

test('what came in since an earlier visit is unread; a first visit has nothing to catch up with', () => {
  const page = [msg(1), msg(2), msg(3, { from: 'ann' }), msg(4)];
  const [again, first] = [model(), model()];
  again.startUnread(page, 1);
  first.startUnread(page, 0);
  assert.deepEqual([again.unread, again.newFrom, first.unread, first.newFrom], [2, 2, 0, null]);
});

test('a long room is trimmed, can be loaded again, and never holds a message twice', () => {
  const m = model();
  m.replace([msg(1)]);
  for (let i = 2; i <= 1000; i++) m.apply(msg(i));
  m.trim();
  assert.deepEqual([m.messages.length, m.messages[0].seq, m.more, m.bySeq(1)], [300, 701, true, undefined]);
  m.prepend([msg(699), msg(700), msg(701)], true);
  assert.deepEqual(seqs(m).slice(0, 3), [699, 700, 701]);
});

test('a page of history without a single message still leads further back', () => {
  const m = model();
  m.replace([msg(100)]);
  m.prepend([{ t: 'reacted', seq: 98, of: 1 }, { t: 'reacted', seq: 99, of: 1 }], true);
  assert.deepEqual([m.oldest, m.more, seqs(m)], [98, true, [100]]);
});

test('a reset keeps the read mark within its log only', () => {
  const m = model();
  m.replace([msg(1), msg(2)], 'L1');
  m.markRead();
  m.reset([msg(2), msg(3), msg(4)], 'L1');
  assert.deepEqual([m.unread, m.newFrom], [2, 3]);
  m.reset([msg(1)], 'L2');
  assert.deepEqual([m.unread, m.newFrom, m.readUpTo], [0, null, 0]);
});

test('who wrote is told by the identity, not by the name', () => {
  const uid = 'g:1';
  const m = new RoomModel('lobby', { me: () => 'ann', isMe: (e) => (e.uid ? e.uid === uid : e.from === 'ann') });
  m.replace([
    msg(1, { from: 'ann', uid }), msg(2, { from: 'ann', uid: 'g:2' }), msg(3, { from: 'ann' }), msg(4, { from: 'old name', uid }),
    msg(5, { from: 'bob', uid: 'g:3' }), msg(6, { from: 'bob', uid: 'g:4' }), msg(7, { from: 'bob' }),
  ], 'L1');
  assert.deepEqual(m.messages.map((x) => x.own), [true, false, true, true, false, false, false]);
  assert.equal(new Set(m.messages.slice(4).map((x) => x.author)).size, 3);
  m.sawTyping({ from: 'ann', uid: 'g:2' }, 0);
  m.sawTyping({ from: 'ann', uid }, 0);
  assert.deepEqual(m.typers(1), ['ann']);
});

test('typing ends with time, or with the message', () => {
  const m = model();
  m.sawTyping({ from: 'bob' }, 0);
  m.sawTyping({ from: 'cy' }, 3000);
  m.sawTyping({ from: 'ann' }, 3000);
  assert.deepEqual(m.typers(4000), ['bob', 'cy']);
  assert.deepEqual(m.typers(7000), ['cy']);
  m.apply(msg(1, { from: 'cy' }));
  assert.deepEqual(m.typers(7000), []);
});

test('read marks only go up', () => {
  const m = model();
  m.replace([msg(5, { from: 'ann' })]);
  m.seen('bob', 5);
  m.seen('bob', 3);
  m.seen('ann', 5);
  m.seen('cy', 4);
  assert.deepEqual(m.readersOf(m.last), ['bob']);
});
