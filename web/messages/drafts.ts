import { createStore } from 'solid-js/store';
import { recall, remember } from '../ui/device-memory';

/** What stands in the box, per person and chat. It outlives reloads and sign-outs. */
const [drafts, setDrafts] = createStore<Record<string, string>>({});

/** What has left the box but may still be lost on its way. It is remembered too, and stands in the box after a reload. */
const underway = new Map<string, { key: string; text: string }>();

const keyOf = (viewerId: string, chatId: string) => `confab.draft.${viewerId}.${chatId}`;

export function draftOf(viewerId: string, chatId: string): string {
  return textAt(keyOf(viewerId, chatId));
}

export function keepDraft(viewerId: string, chatId: string, text: string): void {
  keep(keyOf(viewerId, chatId), text);
}

/** Puts a text that came back before what was typed meanwhile. */
export function returnToDraft(viewerId: string, chatId: string, text: string): void {
  const key = keyOf(viewerId, chatId);
  keep(key, joined([text, textAt(key)]));
}

/** Takes a text out of the box and remembers it until it has arrived. */
export function setOut(clientId: string, viewerId: string, chatId: string, text: string): void {
  const key = keyOf(viewerId, chatId);
  const left = textAt(key) === text ? '' : textAt(key);
  underway.set(clientId, { key, text });
  keep(key, left);
}

/** After a reload: the text was on its way already, so it stands in the box no longer. */
export function setOutAgain(clientId: string, viewerId: string, chatId: string, text: string): void {
  const key = keyOf(viewerId, chatId);
  const there = textAt(key);
  const left = there.startsWith(`${text}\n\n`) ? there.slice(text.length + 2) : there;
  underway.set(clientId, { key, text });
  keep(key, left === text ? '' : left);
}

/** It need not be remembered any more: it arrived, or someone else has it now. */
export function setDown(clientId: string): void {
  const key = underway.get(clientId)?.key;
  underway.delete(clientId);
  if (key) keep(key, textAt(key));
}

function textAt(key: string): string {
  return drafts[key] ?? recall(key) ?? '';
}

function keep(key: string, text: string) {
  setDrafts(key, text);
  remember(key, joined([...[...underway.values()].filter((each) => each.key === key).map((each) => each.text), text]));
}

function joined(texts: readonly string[]): string {
  return texts.filter(Boolean).join('\n\n');
}
