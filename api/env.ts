/**
 * The settings, and the only reader of process.env. Parsed once; a bad value stops the start with the setting's name.
 * `.env.example` says the same to people.
 */
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';

import { z } from 'zod';

import { canParsePostgresUrl, schemaProblem } from './postgres-url.ts';

interface Range {
  min: number;
  max: number;
}

/** Digits only: `Number` would take a space for 0, and `0x50` and `8e3` for numbers. */
const number = (shape: RegExp, kind: string, { min, max }: Range) =>
  z
    .string()
    .regex(shape, `must be a ${kind} from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be ${min} or more`).max(max, `must be ${max} or less`));

const integer = (fallback: number, range: Range) => wholeNumber(range).default(fallback);
const wholeNumber = (range: Range) => number(/^\d{1,15}$/, 'whole number', range);
const seconds = (range: Range) => number(/^\d{1,15}(\.\d{1,6})?$/, 'number', range);

/** One line without control characters. */
const text = (longest = 1_000) =>
  z
    .string()
    .max(longest, `must have at most ${longest} characters`)
    .regex(/^[^\p{Cc}]*$/u, 'must be one line without control characters')
    .refine((value) => value.trim() !== '', 'must not be blank');

/** Sent in an HTTP header. Mounted secrets and pasted keys often end with a newline or a space. */
const key = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]([\x20-\x7e]{0,998}[\x21-\x7e])?$/, 'must be printable ASCII');

/** Paths are appended to it. */
const url = z
  .url({ protocol: /^https?$/, error: 'must be an address as https://example.org' })
  .refine(
    (value) => /^[^?#@]*$/.test(value),
    'must have no user name, no query and no fragment, as https://example.org/v1',
  )
  .transform((value) => value.replace(/\/+$/, ''));

const origin = url.refine(
  (value) => URL.canParse(value) && new URL(value).pathname === '/',
  'must have no path, as https://chat.example.org: Confab is served from the root of a host, so give it a host name of its own',
);

/** As a browser names it in `Origin`. */
function isOrigin(value: string): boolean {
  return URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value;
}

const host = z
  .string()
  .refine(
    (value) => isIP(value) !== 0 || /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i.test(value),
    'must be an IP address, as 127.0.0.1 or ::, or a host name, without a port',
  );

const postgresUrl = z
  .string()
  .max(4_000)
  .regex(/^postgres(ql)?:\/\/[^\p{Cc}]*$/u, 'must begin with postgres:// or postgresql://')
  .refine(canParsePostgresUrl, 'must be an address as postgresql://user:password@host:5432/confab')
  .superRefine((value, context) => {
    const problem = schemaProblem(value);
    if (problem) context.addIssue(problem);
  });

const Settings = z.object({
  PORT: integer(4000, { min: 0, max: 65_535 }),
  HOST: host.default('127.0.0.1'),
  PUBLIC_URL: origin.optional(),
  TRUST_PROXY: z.enum(['true', 'false']).default('false'),
  DATA_DIR: text().default('data'),
  DATABASE_URL: postgresUrl.optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .refine((value) => URL.canParse(value), 'must be an address as redis://user:password@host:6379/0')
    .optional(),
  AUTH_SECRET: text().min(32, 'must have at least 32 characters (openssl rand -base64 32 makes one)').optional(),
  SIGN_UP: z.enum(['open', 'closed']).default('open'),
  SIGN_IN_TRIES: integer(5, { min: 1, max: 10_000 }),
  SIGNED_OUT_REQUESTS: integer(600, { min: 1, max: 1_000_000 }),
  SIGN_IN_FAILURES_PER_ADDRESS: integer(30, { min: 1, max: 1_000_000 }),
  SIGN_UPS_PER_ADDRESS: integer(20, { min: 1, max: 1_000_000 }),
  MAX_CHATS: integer(100, { min: 1, max: 1_000_000 }),
  MAX_ROOM_MEMBERS: integer(1_000, { min: 2, max: 10_000 }),
  ROOMS_PER_USER_A_DAY: integer(50, { min: 1, max: 1_000_000 }),
  DIRECTORY: z.enum(['everyone', 'rooms']).default('everyone'),
  PERSISTED_ONLY: z.enum(['true', 'false']).default('false'),
  TOKENS_MAY_NEVER_EXPIRE: z.enum(['true', 'false']).default('false'),
  ALLOWED_ORIGINS: z
    .string()
    .max(4_000)
    .transform((value) => value.split(',').map((each) => each.trim()))
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins with commas between them, as https://explorer.example.org',
    )
    .default([]),
  ANTHROPIC_API_KEY: key.optional(),
  ANTHROPIC_BASE_URL: url.optional(),
  CLAUDE_MODEL: text(200).default('claude-sonnet-5-5'),
  OPENAI_API_KEY: key.optional(),
  OPENAI_BASE_URL: url.optional(),
  OPENAI_MODEL: text(200).optional(),
  ECHO_DELAY_MS: integer(30, { min: 0, max: 60_000 }),
  RUN_FLUSH_MS: integer(33, { min: 0, max: 10_000 }),
  // Node's own fetch ends after 300.
  RUN_SILENCE_SECONDS: seconds({ min: 0.05, max: 290 }).default(60),
  RUN_ABANDON_AFTER: seconds({ min: 10, max: 86_400 }).optional(),
  RUN_GRACE_SECONDS: seconds({ min: 0, max: 3_600 }).default(25),
  RUNS_PER_USER: integer(3, { min: 1, max: 1_000 }),
  ROOM_RUNS_PER_MINUTE: integer(10, { min: 1, max: 1_000 }),
  REQUESTS_PER_USER: integer(100, { min: 1, max: 1_000_000 }),
  COST_PER_USER: integer(1_000_000, { min: 25_000, max: 1_000_000_000 }),
  COST_PER_TOKEN: integer(500_000, { min: 25_000, max: 1_000_000_000 }),
  FEEDS_PER_USER: integer(20, { min: 1, max: 1_000_000 }),
  RUN_STREAMS_PER_USER: integer(50, { min: 1, max: 1_000_000 }),
  CHAT_TITLES: z.enum(['model', 'words']).default('model'),
  PURGE_AFTER_DAYS: integer(30, { min: 0, max: 36_500 }),
  CHANGELOG: z.enum(['on', 'off']).default('on'),
  CHANGELOG_DIR: text().optional(),
  CHANGELOG_GZIP: z.enum(['true', 'false']).default('false'),
  CHANGELOG_KEEP_ROWS_DAYS: integer(30, { min: 0, max: 36_500 }),
  CHANGELOG_BASE_DAYS: wholeNumber({ min: 1, max: 36_500 }).optional(),
  CHANGELOG_AHEAD: z.enum(['stop', 'replay', 'branch']).default('stop'),
  NODE_BEAT_MS: integer(5_000, { min: 50, max: 60_000 }),
  METRICS: z.enum(['open', 'off']).default('off'),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\w.~+/=-]{16,}$/, 'must have at least 16 characters, without spaces (openssl rand -hex 32 makes one)')
    .optional(),
  METRICS_PORT: wholeNumber({ min: 1, max: 65_535 }).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  OTEL_SERVICE_NAME: text(255).default('confab'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** For tests. */
export const settingNames = Object.keys(Settings.shape);

export type Env = ReturnType<typeof parseEnv>;

/** Throws a `SettingError` that names every bad setting. An empty value counts as none, as in a copied .env.example. */
export function parseEnv(source: Record<string, string | undefined>) {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Settings.safeParse(given);
  if (!parsed.success) {
    throw new SettingError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const { RUN_SILENCE_SECONDS, RUN_ABANDON_AFTER, RUN_GRACE_SECONDS, ...settings } = parsed.data;
  if (settings.METRICS_PORT !== undefined && settings.METRICS === 'off' && settings.METRICS_TOKEN === undefined)
    throw new SettingError('METRICS_PORT: needs METRICS=open or a METRICS_TOKEN.');
  if (settings.METRICS_PORT === settings.PORT) throw new SettingError('METRICS_PORT: must be another one than PORT.');
  return {
    ...settings,
    TRUST_PROXY: settings.TRUST_PROXY === 'true',
    PERSISTED_ONLY: settings.PERSISTED_ONLY === 'true',
    TOKENS_MAY_NEVER_EXPIRE: settings.TOKENS_MAY_NEVER_EXPIRE === 'true',
    DATA_DIR: resolve(settings.DATA_DIR),
    CHANGELOG_DIR: resolve(settings.CHANGELOG_DIR ?? join(settings.DATA_DIR, 'changelog')),
    CHANGELOG_GZIP: settings.CHANGELOG_GZIP === 'true',
    // People think in seconds and timers in milliseconds: code that reads a setting gets milliseconds.
    RUN_SILENCE_MS: RUN_SILENCE_SECONDS * 1000,
    RUN_ABANDON_MS: RUN_ABANDON_AFTER === undefined ? undefined : RUN_ABANDON_AFTER * 1000,
    RUN_GRACE_MS: RUN_GRACE_SECONDS * 1000,
  };
}

/** What stops a start: its message is one sentence for the person who started us, shown without a stack. */
export class SettingError extends Error {
  override name = 'SettingError';
}

export const env: Env = readEnv();

function readEnv(): Env {
  try {
    return parseEnv(process.env);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    console.error(`Confab did not start: a setting is wrong.\n${error.message}`);
    process.exit(1);
  }
}
