import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv as parseDotEnv } from 'node:util';

import { Client } from 'pg';
import { describe, expect, test } from 'vitest';

import { parseEnv, SettingError, settingNames } from './env.ts';
import { BEAT_MS, SILENCE_MS } from './nodes/heartbeat.ts';
import { placeOfServer, readPostgresUrl } from './postgres-url.ts';

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
      FEEDS_PER_USER: 20,
      RUN_STREAMS_PER_USER: 50,
      REQUESTS_PER_USER: 100,
      SIGNED_OUT_REQUESTS: 600,
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

/** For each setting, values that it must refuse. */
const wrong: Record<string, string[]> = {
  PORT: ['-1', '65536', '80.5', '0x50', '8e3', ' ', '80 ', 'http', 'NaN'],
  HOST: ['http://localhost', 'localhost:4000', '[::1]', 'a b', '-'],
  PUBLIC_URL: [
    'chat.example.org',
    'ftp://chat.example.org',
    'https://',
    'https://chat.example.org/confab',
    'https://chat.example.org/?x=1',
    'https://chat.example.org/#x',
    'https://ann:secret@chat.example.org',
  ],
  TRUST_PROXY: ['yes', '1', 'TRUE'],
  DATA_DIR: ['data\n'],
  DATABASE_URL: [
    'mysql://localhost/confab',
    'postgresql://a b:99999/confab',
    'localhost:5432/confab',
    'postgresql://localhost/confab?schema=',
    'postgresql://localhost/confab?schema=a"b',
    'postgresql://localhost/confab?schema=1st',
    'postgresql://localhost/confab?schema=pg_temp',
    `postgresql://localhost/confab?schema=${'x'.repeat(64)}`,
    'postgresql://localhost/confab?schema=a&schema=b',
    'postgresql://ann:secret@/confab?schema=1st',
    'postgresql://ann:secret@:5432/confab',
    'postgresql://ann:secret@',
  ],
  REDIS_URL: ['localhost:6379', 'http://localhost:6379', 'redis://a b', 'redis://localhost:99999'],
  AUTH_SECRET: ['x'.repeat(31)],
  SIGN_UP: ['Open', 'yes'],
  SIGN_IN_TRIES: ['0', '10001', 'five'],
  SIGN_IN_FAILURES_PER_ADDRESS: ['0', '1000001', '1.5'],
  SIGN_UPS_PER_ADDRESS: ['0', '1000001', '-20'],
  SIGNED_OUT_REQUESTS: ['0', '1000001'],
  MAX_CHATS: ['0', '1000001', 'many'],
  MAX_ROOM_MEMBERS: ['1', '10001'],
  ROOMS_PER_USER_A_DAY: ['0', '1000001'],
  DIRECTORY: ['Everyone', 'room'],
  PERSISTED_ONLY: ['yes', '1'],
  TOKENS_MAY_NEVER_EXPIRE: ['yes', '1'],
  ALLOWED_ORIGINS: ['*', 'example.org', 'https://example.org/', 'https://a.org,https://b.org/path', 'null'],
  ANTHROPIC_API_KEY: [' ', 'ke\ny', 'k\u00e9y'],
  ANTHROPIC_BASE_URL: ['api.example.org', 'ws://api.example.org', 'https://a:b@api.example.org', 'https://x.org/?a=1'],
  CLAUDE_MODEL: [' ', 'x'.repeat(201)],
  OPENAI_API_KEY: [' ', 'ke\ny', 'k\u00e9y'],
  OPENAI_BASE_URL: ['localhost:11434', 'https://', 'https://a:b@api.example.org/v1', 'https://x.org/v1#a'],
  OPENAI_MODEL: [' ', 'x'.repeat(201)],
  ECHO_DELAY_MS: ['-1', '60001', 'fast'],
  RUN_FLUSH_MS: ['33.3', '10001'],
  RUN_SILENCE_SECONDS: ['0', '300', 'long', ' ', '1e1'],
  RUN_ABANDON_AFTER: ['5', '86401', 'never'],
  RUN_GRACE_SECONDS: ['-1', '3601', ' '],
  RUNS_PER_USER: ['0', '1001'],
  REQUESTS_PER_USER: ['0', '1000001'],
  COST_PER_USER: ['24999', '1000000001'],
  COST_PER_TOKEN: ['24999', '1000000001'],
  FEEDS_PER_USER: ['0', '1000001'],
  RUN_STREAMS_PER_USER: ['0', '1000001'],
  CHAT_TITLES: ['Model', 'off'],
  PURGE_AFTER_DAYS: ['-1', '36501'],
  CHANGELOG: ['On', 'yes'],
  CHANGELOG_DIR: ['change\nlog', ' '],
  CHANGELOG_GZIP: ['yes', '1'],
  CHANGELOG_KEEP_ROWS_DAYS: ['-1', '36501'],
  CHANGELOG_BASE_DAYS: ['0', '36501', 'never'],
  CHANGELOG_AHEAD: ['Replay', 'ask'],
  NODE_BEAT_MS: ['49', '60001', 'often'],
  METRICS: ['on', 'true'],
  METRICS_TOKEN: ['short', 'sixteen characters'],
  METRICS_PORT: ['0', '65536', 'x'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['localhost:4318', 'grpc://localhost:4317'],
  OTEL_SERVICE_NAME: ['x'.repeat(256)],
  LOG_LEVEL: ['verbose', 'INFO'],
};

test.for(Object.entries(wrong).flatMap(([setting, values]) => values.map((value) => [setting, value] as const)))(
  '%s=%s is refused by its name',
  ([setting, value]) => {
    expect(() => parseEnv({ [setting]: value })).toThrow(SettingError);
    expect(() => parseEnv({ [setting]: value })).toThrow(new RegExp(`^${setting}: `));
  },
);

describe('every setting', () => {
  test.for(settingNames)('%s refuses what no setting can be', (setting) => {
    expect(() => parseEnv({ [setting]: 'wrong\u0007' })).toThrow(new RegExp(`^${setting}: `));
  });

  test('has a line in .env.example and in the README', () => {
    const [example, readme] = ['.env.example', 'README.md'].map((file) =>
      readFileSync(join(import.meta.dirname, '..', file), 'utf8'),
    );
    expect(settingNames.length).toBeGreaterThan(25);
    for (const name of settingNames) {
      expect(example, name).toMatch(new RegExp(`^${name}=`, 'm'));
      expect(readme, name).toContain(`\`${name}\``);
    }
  });

  test('refuses what does not go with another', () => {
    expect(() => parseEnv({ METRICS_PORT: '9464' })).toThrow(/^METRICS_PORT: /);
    expect(() => parseEnv({ METRICS: 'open', METRICS_PORT: '4000' })).toThrow(/^METRICS_PORT: /);
  });
});

test.for([
  ['PUBLIC_URL', 'https://chat.example.org/', 'https://chat.example.org'],
  ['PUBLIC_URL', 'http://[2001:db8::1]:8080', 'http://[2001:db8::1]:8080'],
  ['OPENAI_BASE_URL', 'http://localhost:11434/v1/', 'http://localhost:11434/v1'],
  ['ANTHROPIC_API_KEY', 'sk-1\n', 'sk-1'],
  ['OPENAI_API_KEY', ' \tsk-1 \r\n', 'sk-1'],
  ['HOST', '::', '::'],
  ['HOST', 'chat.example.org', 'chat.example.org'],
  ['RUN_GRACE_SECONDS', '0.2', undefined],
  ['DATABASE_URL', 'postgresql:///confab?host=/var/run/postgresql', 'postgresql:///confab?host=/var/run/postgresql'],
] as const)('%s=%s is taken', ([setting, value, parsed]) => {
  const env: Record<string, unknown> = parseEnv({ [setting]: value });
  expect(env[setting]).toBe(parsed);
});

/** Taken by pg as they are; the driver gets what remains without the schema. */
test.for([
  ['postgresql://ann:secret@localhost:5432/confab', 'localhost:5432', undefined],
  ['postgres://ann:p%40%2F@db.example.org/confab', 'db.example.org', undefined],
  ['postgresql://[::1]:5433/confab', '[::1]:5433', undefined],
  ['postgresql:///confab?host=/var/run/postgresql', '/var/run/postgresql', undefined],
  ['postgresql://ann:secret@/confab?host=/var/run/postgresql', '/var/run/postgresql', undefined],
  ['postgresql://ann@/confab?host=/run/pg', '/run/pg', undefined],
  ['postgresql://ann:secret@/confab?host=/run/pg&schema=confab', '/run/pg', 'confab'],
] as const)('DATABASE_URL=%s is taken, and the driver finds %s', ([url, place, schema]) => {
  expect(parseEnv({ DATABASE_URL: url }).DATABASE_URL).toBe(url);
  expect(placeOfServer(url)).toBe(place);
  const read = readPostgresUrl(url);
  expect(read.schema).toBe(schema);
  const { connectionParameters } = new Client({ connectionString: read.connectionString }) as unknown as Driver;
  const { host, database, user, options } = connectionParameters;
  expect({ host, database }).toEqual({
    host: place.replace(/:543\d$/, '').replace(/^\[|\]$/g, ''),
    database: 'confab',
  });
  if (url.includes('ann')) expect(user).toBe('ann');
  if (schema) expect(options).toBe(`-c search_path=${schema}`);
});

interface Driver {
  connectionParameters: { host: string; database: string; user: string; options?: string };
}
