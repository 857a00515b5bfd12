import { pino } from 'pino';

import { env } from './env.ts';

/** JSON lines for machines. Never a message's text, a context, a password, a cookie or a key: log identifiers. */
export const log = pino({
  level: env.LOG_LEVEL,
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: ['req.headers', '*.password', '*.token', '*.secret', '*.apiKey', '*.content', '*.text', '*.cookie'],
});
