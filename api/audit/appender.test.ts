import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useConfab } from '../testing/confab.ts';
import { FollowChanges, readAllChanges, type SeenChange } from '../testing/changes.ts';
import { person } from '../testing/person.ts';
import { asks, does } from '../testing/plain-requests.ts';

useConfab({ hasKey: false, changelog: { folder: await mkdtemp(join(tmpdir(), 'confab-audit-')) } });

test('what the appender numbers is listed and streamed within seconds, and a base that is asked for is written', async () => {
  const ada = await person('ada');
  const stream = ada.subscribes(FollowChanges, { after: null });
  const start = (await stream.next()).value?.changes.commit ?? 0;
  const { chat } = await ada.asks('hello');
  const told: SeenChange[] = [];
  while (!told.some(({ table }) => table === 'run')) told.push(...((await stream.next()).value?.changes.changes ?? []));
  await stream.return(undefined);
  expect(told.every(({ commit }) => commit > start)).toBe(true);
  await expect.poll(async () => (await readAllChanges(ada, { chatId: chat.id })).changes.length).toBeGreaterThan(3);
  expect(told).toEqual((await readAllChanges(ada, {}, { after: start })).changes.slice(0, told.length));

  const state = '{ changelog { isOn problem commit lagCommits bytes baseAt baseWantedAt } }';
  interface State {
    changelog: {
      isOn: boolean;
      problem: string | null;
      lagCommits: number;
      baseAt: string;
      baseWantedAt: string | null;
    };
  }
  const read = async () => (await asks<State>(ada, state, {})).changelog;
  await expect.poll(async () => (await read()).lagCommits).toBe(0);
  const before = await read();
  expect(before).toMatchObject({ isOn: true, problem: null });
  expect(await does(ada, 'writeChangelogBase', {})).toBe('WriteChangelogBasePayload');
  await expect.poll(async () => (await read()).baseAt).not.toBe(before.baseAt);
  await expect.poll(async () => (await read()).baseWantedAt).toBeNull();
});
