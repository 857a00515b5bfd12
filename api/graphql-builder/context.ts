import type { YogaInitialContext } from 'graphql-yoga';

import type { AnswerSize } from '../paging/answer-size.ts';
import type { Viewer } from '../auth/viewer.ts';
import { NotFoundError } from '../errors.ts';

/** What every resolver is given. */
export interface Context extends YogaInitialContext {
  viewer: Viewer | null;
  /** In the log, in the `x-request-id` header and in every masked error. */
  requestId: string;
  /** Counts what the answer takes, and bounds it. */
  answer: AnswerSize;
}

/** For fields behind the scope `signedIn`, where there always is one. */
export function viewerIn(context: Context): Viewer {
  if (!context.viewer) throw new Error('This field lacks the scope signedIn.');
  return context.viewer;
}

/** An administrator's verbs are, to everybody else, not there. */
export function administratorIn(context: Context): Viewer {
  const viewer = viewerIn(context);
  if (viewer.role !== 'ADMIN') throw new NotFoundError('No such thing.');
  return viewer;
}
