import { beforeEach, expect, test } from 'vitest';

import { makeClock } from '../testing/clock';
import {
  ANSWER_WITHIN_MS,
  LONGEST_KEPT_MS,
  makePageRecords,
  MOST_RECORDS,
  SAVE_AFTER_MS,
  SAVE_AT_LEAST_MS,
  type RecordsPage,
} from './page-records';

const key = 'confab.draft.ann.chat';

beforeEach(() => localStorage.clear());

test('two pages keep a text each, and what one of them does leaves the other’s alone', () => {
  const { open } = openBrowser();
  const [one, other] = [open(), open()];
  one.records.save(`${key}.${one.records.pageId}`, 'of the one');
  other.records.save(`${key}.${other.records.pageId}`, 'of the other');
  expect(other.records.takeFree(key)).toEqual([]);
  other.records.remove(`${key}.${other.records.pageId}`);

  // A reload: the page is left, and another one takes what it has released.
  one.records.leave();
  expect(open().records.takeFree(key)).toMatchObject([{ value: 'of the one' }]);
});

test('a page that crashed leaves its texts to the next one, and a page that is alive keeps them', async () => {
  const { open, clock } = openBrowser();
  const [alive, dead] = [open(), open()];
  alive.records.save(`${key}.${alive.records.pageId}`, 'of the living');
  dead.records.save(`${key}.${dead.records.pageId}`, 'of the dead');
  dead.crash();
  const next = open();
  expect(next.records.takeFree(key)).toEqual([]);
  const found = next.records.takeOrphans(key);
  await clock.pass(ANSWER_WITHIN_MS);
  expect(await found).toMatchObject([{ value: 'of the dead' }]);
  alive.records.leave();
  expect(next.records.takeFree(key)).toMatchObject([{ value: 'of the living' }]);
});

test('a text is written after a pause, now and then without one, and at once when the page is hidden or left', async () => {
  const { open, clock, writes } = openBrowser();
  const { records } = open();
  const name = `${key}.${records.pageId}`;
  for (let typed = 0; typed < 20; typed += 1) records.hold(name, 'x'.repeat(typed));
  expect(writes()).toBe(0);
  await clock.pass(SAVE_AFTER_MS);
  expect(writes()).toBe(1);

  for (let passed = 0; passed <= 3 * SAVE_AT_LEAST_MS; passed += SAVE_AFTER_MS / 2) {
    records.hold(name, `typed for ${passed} ms`);
    await clock.pass(SAVE_AFTER_MS / 2);
  }
  expect(writes()).toBeGreaterThanOrEqual(3);
  expect(writes()).toBeLessThanOrEqual(4);

  records.hold(name, 'the last key');
  records.flush();
  expect(localStorage.getItem(name)).toContain('the last key');
  records.hold(name, 'the very last key');
  records.leave();
  expect(records.free(key)).toMatchObject([{ value: 'the very last key' }]);
});

test('a page that the browser shows again holds its texts again', () => {
  const { open } = openBrowser();
  const [one, other] = [open(), open()];
  one.records.save(`${key}.${one.records.pageId}`, 'still there');
  one.records.leave();
  one.records.comeBack();
  expect(other.records.takeFree(key)).toEqual([]);
});

test('a full or closed storage breaks nothing, and what is left lying makes room', () => {
  const { open, limit } = openBrowser();
  const { records } = open();
  for (let number = 0; number < MOST_RECORDS; number += 1) {
    records.save(`confab.draft.ann.${number}.x`, 'x'.repeat(100));
    records.release(`confab.draft.ann.${number}.x`);
  }
  limit(localStorage.length);
  records.save(`${key}.${records.pageId}`, 'There is room for this.');
  expect(localStorage.getItem(`${key}.${records.pageId}`)).toContain('There is room');

  limit(0);
  records.save(`${key}.more`, 'Kept by the page.');
  expect(records.release(`${key}.more`)).toBe(false);
  limit(Infinity);
  expect(records.release(`${key}.more`)).toBe(true);
  expect(records.free(key)).toMatchObject([{ value: 'Kept by the page.' }]);
});

test('what is left lying is bounded in number and in age, the newest last', async () => {
  const { open, clock } = openBrowser();
  const old = open();
  old.records.save('confab.draft.ann.old.x', 'old');
  old.records.leave();
  await clock.pass(LONGEST_KEPT_MS + 1);
  const page = open();
  for (let number = 0; number < MOST_RECORDS + 5; number += 1) {
    await clock.pass(1);
    page.records.save(`confab.draft.ann.${number}.x`, 'x');
    page.records.release(`confab.draft.ann.${number}.x`);
  }
  localStorage.setItem('confab.theme', 'DARK');
  open().records.prune();
  expect(page.records.free('confab.draft.ann')).toHaveLength(MOST_RECORDS);
  expect(page.records.free('confab.draft.ann.old')).toEqual([]);
  expect(page.records.free('confab.draft.ann.4')).toEqual([]);
  expect(page.records.free('confab.draft.ann.5')).toHaveLength(1);
  expect(localStorage.getItem('confab.theme')).toBe('DARK');
});

test('a draft of an older version is its text alone', () => {
  localStorage.setItem(key, '{"not": "a record"}');
  expect(openBrowser().open().records.takeFree(key)).toMatchObject([{ value: '{"not": "a record"}' }]);
});

/** Pages with one storage, which receive each other's posts a millisecond later. */
function openBrowser() {
  const clock = makeClock();
  const ears = new Set<(post: unknown) => void>();
  let most = Infinity;
  let written = 0;
  const storage = new Proxy(localStorage, {
    get(target, name) {
      if (name === 'setItem') {
        return (itemKey: string, text: string) => {
          written += 1;
          if (target.getItem(itemKey) === null && target.length >= most)
            throw new DOMException('', 'QuotaExceededError');
          target.setItem(itemKey, text);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  function open() {
    let isAlive = true;
    let ear: (post: unknown) => void = () => {};
    const page: RecordsPage = {
      storage: () => storage,
      channel: {
        post: (post) => {
          for (const other of ears) if (isAlive && other !== ear) clock.after(1, () => other(post));
        },
        listen: (call) => {
          ear = (post) => isAlive && call(post);
          ears.add(ear);
        },
      },
      now: clock.now,
      after: clock.after,
    };
    return { records: makePageRecords(page), crash: () => (isAlive = false) };
  }
  return { open, clock, writes: () => written, limit: (count: number) => (most = count) };
}
