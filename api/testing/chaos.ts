/**
 * What all clients received, compared with what is stored: after any trouble, nothing that was acknowledged is missing or doubled, every
 * reader has read the stored words and each once, and all see one order and one state. Ids and times come as the API gives them;
 * offsets and lengths count UTF-16 code units over all parts of an answer.
 */

export interface History {
  sent: Sent[];
  edited: Edited[];
  readings: Reading[];
  feedings: Feeding[];
  /** What each reader of a feed had in the end. */
  pictures: (Picture & { reader: string })[];
  /** What the model said to each request. */
  said: Said[];
  stored: { chats: Picture[]; runs: StoredRun[] };
  /** How much more of such an answer a reader may have seen than is stored: what a model says in a second. */
  mayTrail: number;
  /** In which states; of the others, every word that was read is stored. */
  trailing: ReadonlySet<string>;
}

/** A message that was acknowledged. Its content is like no other's. */
export interface Sent {
  by: string;
  chatId: string;
  clientId: string;
  content: string;
  messageId: string;
  runId: string;
}

/** An edit that was acknowledged; those of one message in their order. */
export interface Edited {
  by: string;
  messageId: string;
  content: string;
}

/** What one connection brought of one run. */
export interface Reading {
  reader: string;
  /** `runEvents` brings every word before the end; with the end, a feed brings the whole answer as it is stored. */
  through: 'runEvents' | 'feed';
  runId: string;
  /** The offset that was asked for. */
  from: number;
  pieces: { from: number; to: number; text: string }[];
  end: { status: string; text: string } | null;
}

/** What one connection of a feed brought of one chat. */
export interface Feeding {
  reader: string;
  chatId: string;
  /** The revision that was named. */
  after: number;
  changes: { revision: number; messages: { id: string; seq: number }[] }[];
}

/** A chat as one person sees it. */
export interface Picture {
  chatId: string;
  headId: string | null;
  title: string;
  messages: { id: string; seq: number; parentId: string | null; content: string; isDeleted: boolean }[];
  runs: { id: string; status: string }[];
}

export interface StoredRun {
  id: string;
  status: string;
  messageId: string;
  /** Of all parts. */
  text: string;
}

export interface Said {
  text: string;
  isWhole: boolean;
}

export interface Violation {
  kind:
    | 'lost write'
    | 'doubled write'
    | 'lost words'
    | 'wrong words'
    | 'torn reading'
    | 'invented words'
    | 'no end'
    | 'another end'
    | 'disorder'
    | 'another state';
  what: string;
}

/** Nothing, where all is well. */
export function violationsIn(history: History): Violation[] {
  return [
    ...writesOf(history),
    ...editsOf(history),
    ...history.stored.runs.flatMap((run) => [...endOf(run), ...inventionsOf(run, history.said)]),
    ...answersToOneRequest(history),
    ...history.readings.flatMap((reading) => [...tearsOf(reading), ...wordsOf(reading, history)]),
    ...endlessReadersOf(history),
    ...ordersOf(history),
    ...statesOf(history),
  ];
}

function* writesOf({ sent, stored }: History): Iterable<Violation> {
  const messages = new Map(
    stored.chats.flatMap((chat) => chat.messages.map((message) => [message.id, { ...message, chatId: chat.chatId }])),
  );
  const runIds = new Set(stored.runs.map(({ id }) => id));
  const idsByClientId = new Map<string, Set<string>>();
  for (const each of sent) {
    const { by, clientId, content, messageId, runId, chatId } = each;
    const what = `${by}’s ${JSON.stringify(content)} (${messageId})`;
    if (messages.get(messageId)?.chatId !== chatId) yield { kind: 'lost write', what };
    if (!runIds.has(runId)) yield { kind: 'lost write', what: `${runId}, the answer to ${what}` };
    const ids = idsByClientId.get(`${by} ${clientId}`) ?? new Set();
    idsByClientId.set(`${by} ${clientId}`, ids.add(messageId));
    if (ids.size === 2) yield { kind: 'doubled write', what: `${what}: acknowledged as ${[...ids].join(' and ')}` };
    const copies = [...messages.values()].filter((message) => message.content === content);
    if (copies.length > 1) yield { kind: 'doubled write', what: `${what}: stored ${copies.length} times` };
  }
}

function* editsOf({ sent, edited, stored }: History): Iterable<Violation> {
  const last = new Map([...sent, ...edited].map((each) => [each.messageId, each]));
  const messages = new Map(stored.chats.flatMap((chat) => chat.messages.map((message) => [message.id, message])));
  for (const { by, messageId, content } of last.values()) {
    const message = messages.get(messageId);
    if (!message || message.isDeleted || message.content === content) continue;
    yield {
      kind: 'lost write',
      what: `${by}’s ${JSON.stringify(content)} is ${JSON.stringify(message.content)} (${messageId})`,
    };
  }
}

function* endOf({ id, status }: StoredRun): Iterable<Violation> {
  if (!hasEnded(status)) yield { kind: 'no end', what: `${id} is ${status} though all is over` };
}

function* inventionsOf({ id, status, text }: StoredRun, said: readonly Said[]): Iterable<Violation> {
  const isSaid = said.some((each) =>
    status === 'COMPLETED' ? each.isWhole && each.text === text : each.text.startsWith(text),
  );
  if (!isSaid) yield { kind: 'invented words', what: `${id} (${status}): the model never said ${shown(text)}` };
}

/** Each of the model's answers is like no other, so two runs with the same words were given one answer. */
function* answersToOneRequest({ stored }: History): Iterable<Violation> {
  const whole = stored.runs.filter(({ status }) => status === 'COMPLETED');
  for (const [text, runs] of Map.groupBy(whole, ({ text }) => text)) {
    if (runs.length > 1)
      yield { kind: 'doubled write', what: `${runs.map(({ id }) => id).join(' and ')}: ${shown(text)}` };
  }
}

function* tearsOf({ reader, runId, from, pieces }: Reading): Iterable<Violation> {
  let offset = from;
  for (const [index, piece] of pieces.entries()) {
    // A client beyond the end gets what comes next, and has some of it already.
    const fits = piece.from === offset || (index === 0 && piece.from < offset);
    const what = `${reader} at ${runId}: at ${offset} came ${piece.from}–${piece.to} ${shown(piece.text)}`;
    if (!fits || piece.to - piece.from !== piece.text.length) yield { kind: 'torn reading', what };
    offset = piece.to;
  }
}

function* wordsOf(
  { reader, through, runId, from, pieces, end }: Reading,
  { stored, mayTrail, trailing }: History,
): Iterable<Violation> {
  const run = stored.runs.find(({ id }) => id === runId);
  if (!run) return yield { kind: 'lost write', what: `${runId}, which ${reader} read` };
  const reach = Math.max(from, ...pieces.map(({ to }) => to));
  const excess = reach - run.text.length;
  const who = `${reader} at ${runId} (${run.status})`;
  if (excess > (trailing.has(run.status) ? mayTrail : 0) && pieces.length > 0)
    yield { kind: 'lost words', what: `${who}: read ${reach} code units of ${run.text.length}` };
  for (const { from: begin, text } of pieces) {
    const there = run.text.slice(begin, begin + text.length);
    const known = trailing.has(run.status) ? text.slice(0, Math.max(0, run.text.length - begin)) : text;
    if (there !== known) yield { kind: 'wrong words', what: `${who}: ${shown(text)} at ${begin} for ${shown(there)}` };
  }
  if (!end) return;
  if (end.status !== run.status || end.text !== run.text)
    yield { kind: 'another end', what: `${who}: told of ${end.status} with ${shown(end.text)} for ${shown(run.text)}` };
  if (through === 'runEvents' && reach < run.text.length)
    yield { kind: 'lost words', what: `${who}: told of the end at ${reach} of ${run.text.length}` };
}

/** Every reader of a run receives its end, on one connection or another, and of one end only. */
function* endlessReadersOf({ readings }: History): Iterable<Violation> {
  for (const [reader, own] of Map.groupBy(readings, ({ reader, runId }) => `${reader} at ${runId}`)) {
    const ends = own.filter(({ end }) => end);
    if (ends.length === 0)
      yield { kind: 'no end', what: `${reader}: ${own.length} connections, and nobody told of the end` };
  }
}

function* ordersOf({ feedings, stored }: History): Iterable<Violation> {
  const seqs = new Map(stored.chats.flatMap(({ messages }) => messages.map(({ id, seq }) => [id, seq])));
  for (const { chatId, messages } of stored.chats) {
    if (new Set(messages.map(({ seq }) => seq)).size < messages.length)
      yield { kind: 'disorder', what: `${chatId}: two messages at one place` };
  }
  for (const { reader, chatId, after, changes } of feedings) {
    let known = after;
    for (const { revision, messages } of changes) {
      if (revision <= known)
        yield { kind: 'disorder', what: `${reader} at ${chatId}: told of ${revision} after ${known}` };
      known = revision;
      for (const { id, seq } of messages) {
        if (seqs.get(id) !== seq)
          yield { kind: 'disorder', what: `${reader} at ${chatId}: ${id} at ${seq} for ${seqs.get(id)}` };
      }
    }
  }
}

function* statesOf({ pictures, stored }: History): Iterable<Violation> {
  for (const { reader, ...picture } of pictures) {
    const found = differencesOf(picture, stored.chats);
    for (const what of found) yield { kind: 'another state', what: `${reader} at ${picture.chatId}: ${what}` };
  }
}

/** Between what a person sees of a chat and what is stored of it. */
export function differencesOf(seen: Picture, stored: readonly Picture[]): string[] {
  const truth = stored.find(({ chatId }) => chatId === seen.chatId);
  return truth ? [...differences(seen, truth)] : ['it is not there'];
}

function* differences(seen: Picture, truth: Picture): Iterable<string> {
  if (seen.headId !== truth.headId) yield `the head is ${seen.headId} for ${truth.headId}`;
  if (seen.title !== truth.title) yield `the title is ${JSON.stringify(seen.title)} for ${JSON.stringify(truth.title)}`;
  yield* unequal(seen.messages, truth.messages);
  yield* unequal(seen.runs, truth.runs);
}

function* unequal<Row extends { id: string }>(seen: readonly Row[], there: readonly Row[]): Iterable<string> {
  const left = new Map(seen.map((row) => [row.id, row]));
  for (const row of there) {
    const own = left.get(row.id);
    left.delete(row.id);
    const isSame = own && Object.entries(row).every(([field, value]) => own[field as keyof Row] === value);
    if (!isSame) yield `${JSON.stringify(own)} for ${JSON.stringify(row)}`;
  }
  for (const row of left.values()) yield `${JSON.stringify(row)}, which is not there`;
}

export function hasEnded(status: string): boolean {
  return status !== 'QUEUED' && status !== 'RUNNING';
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 28)}…${text.slice(-28)}` : text);
}
