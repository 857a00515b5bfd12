import { GraphQLError } from 'graphql';

/** 429 with the time to wait. */
export function tooManyRequests(reason: string, msToWait: number): GraphQLError {
  const retryAfterSeconds = Math.max(1, Math.ceil(msToWait / 1000));
  return new GraphQLError(`${reason} Try again in ${retryAfterSeconds} seconds.`, {
    extensions: {
      code: 'TOO_MANY_REQUESTS',
      retryAfterSeconds,
      http: { status: 429, headers: { 'Retry-After': String(retryAfterSeconds) } },
    },
  });
}
