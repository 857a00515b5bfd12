import type { Plugin } from 'graphql-yoga';

import { env } from '../../env.ts';
import { tooManyRequests } from './too-many.ts';
import { viewerBehind } from './viewer.ts';

/** One person's script does not take the whole process: of their requests, so many at most are worked on here at once. Open streams do not count. */
export function useUnfinishedRequestLimit(): Plugin {
  const unfinished = new Map<string, number>();

  async function counted<T>(personId: string, work: () => Promise<T>): Promise<T> {
    const others = unfinished.get(personId) ?? 0;
    if (others >= env.REQUESTS_PER_USER)
      throw tooManyRequests(`${others} of your requests are not answered yet, which is the most at once.`, 1_000);
    unfinished.set(personId, others + 1);
    try {
      return await work();
    } finally {
      const rest = (unfinished.get(personId) ?? 1) - 1;
      if (rest > 0) unfinished.set(personId, rest);
      else unfinished.delete(personId);
    }
  }

  return {
    onParams({ request, paramsHandler, setParamsHandler }) {
      const viewer = viewerBehind(request);
      // A stream is done with here once it is open.
      if (viewer) setParamsHandler((payload) => counted(viewer.id, async () => paramsHandler(payload)));
    },
  };
}
