/**
 * The settings, and the only reader of process.env. Parsed once; a bad value stops the start with the setting's name.
 * `.env.example` says the same to people.
 */
import { resolve } from 'node:path';

import { z } from 'zod';

const integer = (fallback: number, { min, max }: { min: number; max: number }) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''));

const Settings = z.object({
  PORT: integer(4000, { min: 0, max: 65_535 }),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: url.optional(),
  TRUST_PROXY: z.enum(['true', 'false']).default('false'),
  DATA_DIR: z.string().default('data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .refine((value) => URL.canParse(value), 'must be an address as redis://user:password@host:6379/0')
    .optional(),
  AUTH_SECRET: z.string().min(32, 'must have at least 32 characters (openssl rand -base64 32 makes one)').optional(),
  SIGN_UP: z.enum(['open', 'closed']).default('open'),
  SIGN_IN_TRIES: integer(5, { min: 1, max: 10_000 }),
  SIGNED_OUT_REQUESTS: integer(600, { min: 1, max: 1_000_000 }),
  MAX_CHATS: integer(100, { min: 1, max: 1_000_000 }),
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_BASE_URL: url.optional(),
  CLAUDE_MODEL: z.string().default('claude-sonnet-5-5'),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: url.optional(),
  OPENAI_MODEL: z.string().optional(),
  ECHO_DELAY_MS: integer(30, { min: 0, max: 60_000 }),
  RUN_FLUSH_MS: integer(33, { min: 0, max: 10_000 }),
  // Node's own fetch gives up after 300.
  RUN_SILENCE_SECONDS: z.coerce.number().min(0.05).max(290).default(60),
  RUN_ABANDON_AFTER: z.coerce.number().min(10).max(86_400).optional(),
  RUN_GRACE_SECONDS: z.coerce.number().min(0).max(3_600).default(25),
  RUNS_PER_USER: integer(3, { min: 1, max: 1_000 }),
  FEEDS_PER_USER: integer(20, { min: 1, max: 1_000_000 }),
  RUN_STREAMS_PER_USER: integer(50, { min: 1, max: 1_000_000 }),
  CHAT_TITLES: z.enum(['model', 'words']).default('model'),
  PURGE_AFTER_DAYS: integer(30, { min: 0, max: 36_500 }),
  NODE_BEAT_MS: integer(5_000, { min: 50, max: 60_000 }),
  METRICS: z.enum(['open', 'off']).default('off'),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\w.~+/=-]{16,}$/, 'must have at least 16 characters, without spaces (openssl rand -hex 32 makes one)')
    .optional(),
  METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  OTEL_SERVICE_NAME: z.string().default('confab'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

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
  return {
    ...settings,
    TRUST_PROXY: settings.TRUST_PROXY === 'true',
    DATA_DIR: resolve(settings.DATA_DIR),
    // People think in seconds and timers in milliseconds: whoever reads a setting finds only what a timer takes.
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
