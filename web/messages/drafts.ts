import { onCleanup, untrack } from 'solid-js';
import { createStore } from 'solid-js/store';

import { pageRecords } from './page-records';

/**
 * What was typed and not sent, per person and place (a chat, a message that is edited, the new chat). It outlives reloads and
 * sign-outs. Each page has its own draft while it shows the place, and takes what other pages have left there.
 */
const [drafts, setDrafts] = createStore<Record<string, string | undefined>>({});
/** How often each place is shown on this page. */
const shown = new Map<string, number>();

const keyOf = (viewerId: string, place: string) => `confab.draft.${viewerId}.${place}`;
const recordOf = (key: string) => `${key}.${pageRecords.pageId}`;

/** Shows the draft of a place for as long as the caller's owner lives. */
export function holdDraft(viewerId: string, place: string): void {
  const key = keyOf(viewerId, place);
  shown.set(key, (shown.get(key) ?? 0) + 1);
  load(key);
  void takeOrphanDrafts(viewerId, place);
  onCleanup(() => {
    const left = (shown.get(key) ?? 1) - 1;
    if (left > 0) return shown.set(key, left);
    shown.delete(key);
    leave(key);
  });
}

/** Adds what pages that crashed have left in a place. */
export async function takeOrphanDrafts(viewerId: string, place: string): Promise<void> {
  const key = keyOf(viewerId, place);
  const found = await pageRecords.takeOrphans(key);
  if (found.length > 0) keep(key, joined([...found.map(textOf), textAt(key)]));
}

export function draftOf(viewerId: string, place: string): string {
  return textAt(keyOf(viewerId, place));
}

export function keepDraft(viewerId: string, place: string, text: string): void {
  keep(keyOf(viewerId, place), text);
}

/** Puts a text that came back before what was typed meanwhile. */
export function returnToDraft(viewerId: string, place: string, text: string): void {
  const key = keyOf(viewerId, place);
  keep(key, joined([text, textAt(key)]));
}

/** Takes a text that is sent out of the draft. */
export function takeFromDraft(viewerId: string, place: string, text: string): void {
  const key = keyOf(viewerId, place);
  const draft = untrack(() => textAt(key));
  if (draft.startsWith(text)) keep(key, draft.slice(text.length).trimStart());
}

/** Moves what is typed in one place to another, before what is there. */
export function moveDraft(viewerId: string, from: string, to: string): void {
  const text = untrack(() => textAt(keyOf(viewerId, from)));
  if (!text) return;
  returnToDraft(viewerId, to, text);
  keep(keyOf(viewerId, from), '');
}

function textAt(key: string): string {
  return drafts[key] ?? joined(pageRecords.free(key).map(textOf));
}

/** From now on the draft is this page's. */
function load(key: string) {
  if (untrack(() => drafts[key]) !== undefined) return;
  const text = joined(pageRecords.takeFree(key).map(textOf));
  setDrafts(key, text);
  if (text) pageRecords.save(recordOf(key), text);
}

function keep(key: string, text: string) {
  load(key);
  setDrafts(key, text);
  if (text) pageRecords.hold(recordOf(key), text);
  else pageRecords.remove(recordOf(key));
  if (!shown.has(key)) leave(key);
}

/** Where it cannot be stored, it stays in this page's memory. */
function leave(key: string) {
  if (pageRecords.release(recordOf(key))) setDrafts(key, undefined);
}

function textOf({ value }: { value: unknown }): string {
  return typeof value === 'string' ? value : '';
}

function joined(texts: readonly string[]): string {
  return texts.filter(Boolean).join('\n\n');
}
