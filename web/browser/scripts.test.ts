import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { loadScript, preloadScript, reloadForMissingScripts } from './scripts';

const reload = vi.fn<() => void>();

// The listener stays for the life of a page.
beforeAll(() => reloadForMissingScripts(reload));

beforeEach(() => {
  sessionStorage.clear();
  reload.mockClear();
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const fail = () => void window.dispatchEvent(new Event('vite:preloadError'));
const isOnline = (value: boolean) => vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(value);

// First: a page that is being reloaded imports nothing any more.
test('a script that is imported without a network is imported again once there is one', async () => {
  const online = isOnline(false);
  const load = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(new TypeError('offline'))
    .mockResolvedValue('module');
  const loading = loadScript(load);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(load).toHaveBeenCalledTimes(1);
  online.mockReturnValue(true);
  window.dispatchEvent(new Event('online'));
  expect(await loading).toBe('module');
  await expect(loadScript(() => Promise.reject(new Error('404')))).rejects.toThrow('404');
});

test('a page is reloaded once for a script that the server no longer has, and again a minute later', () => {
  fail();
  fail();
  expect(reload).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_001);
  fail();
  expect(reload).toHaveBeenCalledTimes(2);
});

test('a page is not reloaded without a network, nor for a script that is imported before it is needed', async () => {
  isOnline(false);
  fail();
  isOnline(true);
  await preloadScript(() => {
    fail();
    return Promise.reject(new Error('404'));
  });
  expect(reload).not.toHaveBeenCalled();
  fail();
  expect(reload).toHaveBeenCalledTimes(1);
});
