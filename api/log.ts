import { pino } from 'pino';

import { env } from './env.ts';

/** JSON lines for machines. Never a message's text, a context, a password, a cookie or a key: log identifiers. */
export const log = pino({
  level: env.LOG_LEVEL,
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  serializers: { error: describe },
  redact: ['req.headers', '*.password', '*.token', '*.secret', '*.apiKey', '*.content', '*.text', '*.cookie'],
});

/**
 * What an error is and where it came from. Prisma's messages quote the arguments, and those are people's words: of its errors the
 * code alone.
 */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { thrown: typeof error };
  const { name, stack = '' } = error;
  const code = 'code' in error ? error.code : undefined;
  const message = name.startsWith('Prisma') ? undefined : error.message;
  const cause = error.cause === undefined ? undefined : describe(error.cause);
  return {
    name,
    code,
    message,
    at: stack
      .split('\n')
      .filter((line) => line.startsWith('    at '))
      .slice(0, 12),
    cause,
  };
}
