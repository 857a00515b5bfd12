import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv as parseDotEnv } from 'node:util';

import { describe, expect, test } from 'vitest';

import { parseEnv, SettingError } from './env.ts';
import { BEAT_MS, SILENCE_MS } from './nodes/heartbeat.ts';

describe('where nothing is set', () => {
  test('the numbers are those of the design', () => {
    expect(parseEnv({})).toMatchObject({
      PORT: 4000,
      HOST: '127.0.0.1',
      DATA_DIR: join(process.cwd(), 'data'),
      MAX_CHATS: 100,
      ECHO_DELAY_MS: 30,
      RUN_FLUSH_MS: 33,
      RUN_SILENCE_MS: 60_000,
      RUN_GRACE_MS: 25_000,
      RUNS_PER_USER: 3,
      CHAT_TITLES: 'model',
      PURGE_AFTER_DAYS: 30,
      NODE_BEAT_MS: 5_000,
      SIGN_UP: 'open',
      METRICS: 'off',
      LOG_LEVEL: 'info',
    });
  });

  test('what has to be asked for is off', () => {
    const settings = parseEnv({});
    expect(settings).toMatchObject({ RUN_ABANDON_MS: undefined, TRUST_PROXY: false });
    for (const place of ['DATABASE_URL', 'REDIS_URL', 'METRICS_TOKEN', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const)
      expect(settings[place], place).toBeUndefined();
  });

  test('a node that has been silent for 20 s is dead to the others', () => {
    expect([BEAT_MS, SILENCE_MS]).toEqual([5_000, 20_000]);
  });

  test('a copied .env.example changes nothing', () => {
    const example = parseDotEnv(readFileSync(join(import.meta.dirname, '../.env.example'), 'utf8'));
    expect(Object.keys(example).length).toBeGreaterThan(20);
    expect(parseEnv(example)).toEqual(parseEnv({}));
  });
});

test('what people set in seconds, timers get in milliseconds', () => {
  const given = { RUN_SILENCE_SECONDS: '90', RUN_ABANDON_AFTER: '600', RUN_GRACE_SECONDS: '0.5' };
  expect(parseEnv(given)).toMatchObject({ RUN_SILENCE_MS: 90_000, RUN_ABANDON_MS: 600_000, RUN_GRACE_MS: 500 });
});

test.for([
  ['RUN_SILENCE_SECONDS', '0'],
  ['RUN_SILENCE_SECONDS', '300'],
  ['RUN_ABANDON_AFTER', '5'],
  ['RUN_GRACE_SECONDS', '-1'],
  ['RUN_FLUSH_MS', '33.3'],
  ['RUNS_PER_USER', '0'],
  ['CHAT_TITLES', 'Model'],
  ['NODE_BEAT_MS', 'often'],
] as const)('%s=%s is refused by its name', ([setting, value]) => {
  expect(() => parseEnv({ [setting]: value })).toThrow(SettingError);
  expect(() => parseEnv({ [setting]: value })).toThrow(`${setting}: `);
});
