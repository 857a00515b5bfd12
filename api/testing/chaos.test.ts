/** The checker of the cluster's chaos finds each kind of trouble in a history that is otherwise sound. */
import { expect, test } from 'vitest';

import { type History, type Violation, violationsIn } from './chaos.ts';

/** Two people, one chat, an answer that was completed, and one that was interrupted a little after its stored text. */
function soundHistory(): History {
  const whole = 'First: one two three.';
  const messages = [
    { id: 'M1', seq: 1, parentId: null, content: 'Question one', isDeleted: false },
    { id: 'A1', seq: 2, parentId: 'M1', content: whole, isDeleted: false },
    { id: 'M2', seq: 3, parentId: 'A1', content: 'Question two, mended', isDeleted: false },
    { id: 'A2', seq: 4, parentId: 'M2', content: 'Second: one', isDeleted: false },
  ];
  const runs = [
    { id: 'R1', status: 'COMPLETED' },
    { id: 'R2', status: 'INTERRUPTED' },
  ];
  const chat = { chatId: 'C', headId: 'A2', title: 'A chat', messages, runs };
  return {
    sent: [
      { by: 'ann', chatId: 'C', clientId: '1', content: 'Question one', messageId: 'M1', runId: 'R1' },
      { by: 'bob', chatId: 'C', clientId: '1', content: 'Question two', messageId: 'M2', runId: 'R2' },
    ],
    edited: [{ by: 'bob', messageId: 'M2', content: 'Question two, mended' }],
    readings: [
      {
        reader: 'ann',
        through: 'runEvents',
        runId: 'R1',
        from: 0,
        pieces: [
          { from: 0, to: 7, text: 'First: ' },
          { from: 7, to: 11, text: 'one ' },
        ],
        end: null,
      },
      {
        reader: 'ann',
        through: 'runEvents',
        runId: 'R1',
        from: 11,
        pieces: [{ from: 11, to: 21, text: 'two three.' }],
        end: { status: 'COMPLETED', text: whole },
      },
      {
        reader: 'bob',
        through: 'runEvents',
        runId: 'R2',
        from: 0,
        pieces: [{ from: 0, to: 15, text: 'Second: one two' }],
        end: { status: 'INTERRUPTED', text: 'Second: one' },
      },
    ],
    feedings: [
      {
        reader: 'ann',
        chatId: 'C',
        after: 0,
        changes: [
          {
            revision: 2,
            messages: [
              { id: 'M1', seq: 1 },
              { id: 'A1', seq: 2 },
            ],
          },
          {
            revision: 4,
            messages: [
              { id: 'M2', seq: 3 },
              { id: 'A2', seq: 4 },
            ],
          },
        ],
      },
    ],
    pictures: [{ reader: 'ann', ...structuredClone(chat) }],
    said: [
      { text: whole, isWhole: true },
      { text: 'Second: one two three', isWhole: false },
    ],
    stored: {
      chats: [chat],
      runs: [
        { id: 'R1', status: 'COMPLETED', messageId: 'A1', text: whole },
        { id: 'R2', status: 'INTERRUPTED', messageId: 'A2', text: 'Second: one' },
      ],
    },
    mayTrail: 5,
    trailing: new Set(['INTERRUPTED']),
  };
}

test('a sound history has no violations', () => {
  expect(violationsIn(soundHistory())).toEqual([]);
});

/** What happened, as a change of the sound history, and what the checker is to say of it. */
const troubles: [what: string, kind: Violation['kind'], make: (history: History) => void][] = [
  ['a message that was acknowledged is gone', 'lost write', ({ stored }) => void stored.chats[0]?.messages.shift()],
  ['the run that was acknowledged is gone', 'lost write', ({ stored }) => void stored.runs.shift()],
  ['an edit is undone', 'lost write', ({ stored }) => set(stored.chats[0]?.messages[2], { content: 'Question two' })],
  [
    'a message is stored twice',
    'doubled write',
    ({ stored }) =>
      stored.chats[0]?.messages.push({ id: 'M3', seq: 5, parentId: null, content: 'Question one', isDeleted: false }),
  ],
  [
    'one clientId is acknowledged as two messages',
    'doubled write',
    ({ sent }) => sent.push({ ...sent[0], messageId: 'A1' } as History['sent'][number]),
  ],
  [
    'one answer of the model is two runs’',
    'doubled write',
    ({ stored }) => stored.runs.push({ ...stored.runs[0], id: 'R3' } as History['stored']['runs'][number]),
  ],
  ['words are skipped', 'torn reading', ({ readings }) => void readings[0]?.pieces.shift()],
  ['words come twice', 'torn reading', ({ readings }) => readings[0]?.pieces.push({ from: 7, to: 11, text: 'one ' })],
  ['offsets do not fit the words', 'torn reading', ({ readings }) => set(readings[0]?.pieces[1], { text: 'one' })],
  ['other words are read than stored', 'wrong words', ({ readings }) => set(readings[0]?.pieces[1], { text: 'two ' })],
  ['an interrupted answer was longer', 'lost words', (history) => set(history, { mayTrail: 3 })],
  ['the end comes before the last words', 'lost words', ({ readings }) => void readings[1]?.pieces.pop()],
  ['a stopped answer lost its last words', 'lost words', ({ stored }) => set(stored.runs[1], { status: 'STOPPED' })],
  ['words that the model never said', 'invented words', ({ said }) => set(said[1], { text: 'Something else' })],
  ['half an answer counts as a whole', 'invented words', ({ said }) => set(said[0], { isWhole: false })],
  ['a run never ends', 'no end', ({ stored }) => set(stored.runs[1], { status: 'RUNNING' })],
  ['a reader is never told of the end', 'no end', ({ readings }) => set(readings[1], { end: null })],
  [
    'a reader is told of another end',
    'another end',
    ({ readings }) => set(readings[1]?.end, { status: 'INTERRUPTED' }),
  ],
  ['two messages have one place', 'disorder', ({ stored }) => set(stored.chats[0]?.messages[3], { seq: 3 })],
  [
    'a message was told at another place',
    'disorder',
    ({ feedings }) => set(feedings[0]?.changes[0]?.messages[0], { seq: 3 }),
  ],
  ['a revision comes again', 'disorder', ({ feedings }) => set(feedings[0]?.changes[1], { revision: 2 })],
  ['a revision comes that was known', 'disorder', ({ feedings }) => set(feedings[0], { after: 2 })],
  ['a reader misses a message', 'another state', ({ pictures }) => void pictures[0]?.messages.pop()],
  ['a reader has a message too many', 'another state', ({ stored }) => void stored.chats[0]?.runs.pop()],
  ['a reader sees another branch', 'another state', ({ pictures }) => set(pictures[0], { headId: 'A1' })],
  ['a reader sees an old title', 'another state', ({ pictures }) => set(pictures[0], { title: 'Old' })],
  ['a reader sees an old state', 'another state', ({ pictures }) => set(pictures[0]?.runs[1], { status: 'RUNNING' })],
];

test.each(troubles)('%s: %s', (_what, kind, make) => {
  const history = soundHistory();
  make(history);
  expect(violationsIn(history).map((violation) => violation.kind)).toContain(kind);
});

function set<Thing extends object>(thing: Thing | null | undefined, fields: Partial<Thing>): void {
  if (!thing) throw new Error('There is nothing to change.');
  Object.assign(thing, fields);
}
