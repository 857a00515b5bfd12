/** Listens to providers, for tests. */
import { expect } from 'vitest';

import { ProviderFailure, type ProviderEvent } from '../providers/provider.ts';

export async function all(stream: AsyncIterable<ProviderEvent>): Promise<ProviderEvent[]> {
  const events: ProviderEvent[] = [];
  await collect(stream, events);
  return events;
}

export async function collect(stream: AsyncIterable<ProviderEvent>, events: ProviderEvent[]): Promise<void> {
  for await (const event of stream) events.push(event);
}

/** The events before it failed, and how it failed. */
export async function broken(stream: AsyncIterable<ProviderEvent>, stop?: AbortController) {
  const events: ProviderEvent[] = [];
  try {
    await collect(stream, events);
  } catch (error) {
    if (!stop) expect(error).toBeInstanceOf(ProviderFailure);
    return { events, failure: error as ProviderFailure };
  }
  throw new Error(`It did not fail but said "${textOf(events)}".`);
}

export function deltasOf(events: ProviderEvent[]) {
  return events.filter((event) => event.type === 'delta');
}

export function textOf(events: ProviderEvent[]): string {
  return deltasOf(events)
    .map((delta) => delta.text)
    .join('');
}

export function cutAt(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

export function piecesOf(text: string, cuts: number[]): string[] {
  const places = [0, ...cuts.map((cut) => cut % text.length).toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((end, index) => text.slice(places[index], end));
}

export async function turnsOfTheLoop(count: number): Promise<string> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return 'nothing yet';
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turnsOfTheLoop(1);
}
