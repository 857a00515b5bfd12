import type { YogaInitialContext } from 'graphql-yoga';

import type { AnswerSize } from '../paging/answer-size.ts';
import type { Charge } from '../auth/budgets.ts';
import type { Viewer } from '../auth/viewer.ts';
import { NotFoundError } from '../errors.ts';
import type { Prepare } from './plain-events.ts';

/** What every resolver is given. */
export interface RequestContext extends YogaInitialContext {
  viewer: Viewer | null;
  /** In the log, in the `x-request-id` header and in every masked error. */
  requestId: string;
  /** Counts what the answer takes, and bounds it. */
  answer: AnswerSize;
  /** What the operation was charged; null: nothing, as long as it is not known, and signed out. */
  charge: Charge | null;
  /** For a subscription, which may call it before an event that it sends to many. */
  prepare?: Prepare;
}

/** For fields behind the scope `signedIn`, where there always is one. */
export function viewerIn(context: RequestContext): Viewer {
  if (!context.viewer) throw new Error('This field lacks the scope signedIn.');
  return context.viewer;
}

/** An administrator's verbs are, to everybody else, not there. */
export function administratorIn(context: RequestContext): Viewer {
  const viewer = viewerIn(context);
  if (viewer.role !== 'ADMIN') throw new NotFoundError('No such thing.');
  return viewer;
}

/** What is the same for all viewers who receive a change of a chat as one event. */
export interface Audience {
  chatId: string;
  /** No message of the chat up to this `seq` is seen by them. */
  hiddenUntil: number;
}

/** Stands for the viewer while an event is made once for many. It has no identity: a field that asks for one throws. */
export class AnyMember implements Viewer {
  readonly #audience: Audience | null;

  constructor(audience: Audience | null = null) {
    this.#audience = audience;
  }

  get id(): string {
    throw new ViewerAsked();
  }

  get role(): Viewer['role'] {
    throw new ViewerAsked();
  }

  get credential(): Viewer['credential'] {
    throw new ViewerAsked();
  }

  hiddenUntil(chatId: string): number {
    if (this.#audience?.chatId !== chatId) throw new ViewerAsked();
    return this.#audience.hiddenUntil;
  }
}

/** Thrown where an event that is made once for many asks which of them it is for. Then it is made for each. */
class ViewerAsked extends Error {}

/** Whether that person asks. */
export function isViewer({ viewer }: RequestContext, personId: string | null): boolean {
  return viewer !== null && personId !== null && viewer.id === personId;
}
