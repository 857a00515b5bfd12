import { useClient, type Client, type OperationContext } from '@urql/solid';
import { createMemo, createSignal, mapArray, onCleanup, type Accessor } from 'solid-js';
import { graphql } from '../generated';
import type { StreamContext } from '../graphql/client';
import { applyRunEvent, nothingYet, type RunText } from './run-text';

const RunEvents = graphql(`
  subscription RunEvents($runId: ID!, $from: Int!) {
    runEvents(runId: $runId, from: $from) {
      __typename
      ... on MessageStart {
        run {
          ...RunFields
        }
      }
      ... on ContentDelta {
        from
        to
        part
        kind
        text
      }
      ... on MessageEnd {
        run {
          ...RunFields
        }
        message {
          ...MessageFields
        }
      }
      ... on RunError {
        run {
          ...RunFields
        }
        message {
          ...MessageFields
        }
      }
    }
  }
`);

export interface LiveRun {
  id: string;
  text: Accessor<RunText>;
}

/** Follows every run of the list while it is in it: what each has written so far, at most once a frame. */
export function createLiveRuns(runIds: Accessor<readonly string[]>): (runId: string) => LiveRun | undefined {
  const client = useClient();
  const live = createMemo(mapArray(runIds, (runId) => createLiveRun(client, runId)));
  return (runId) => live().find((run) => run.id === runId);
}

function createLiveRun(client: Client, id: string): LiveRun {
  const [text, setText] = createSignal<RunText>(nothingYet);
  let reached = nothingYet;
  let frame = 0;
  let stop = subscribeFrom();

  onCleanup(() => {
    stop();
    cancelAnimationFrame(frame);
  });
  return { id, text };

  function subscribeFrom(): () => void {
    const stream: StreamContext = {
      variables: () => ({ runId: id, from: reached.length }),
      isEnd: ({ data }) => isEnd((data as { runEvents?: { __typename?: string } } | undefined)?.runEvents?.__typename),
    };
    const context: Partial<OperationContext> = { stream };
    const events = client.subscription(RunEvents, { runId: id, from: reached.length }, context);
    const subscription = events.subscribe(({ data }) => data && receive(data.runEvents));
    return () => subscription.unsubscribe();
  }

  function receive(event: Parameters<typeof applyRunEvent>[1]) {
    const next = applyRunEvent(reached, event);
    if (next === 'gap') {
      stop();
      stop = subscribeFrom();
      return;
    }
    reached = next;
    if (reached.isEnded) setText(reached);
    else frame ||= requestAnimationFrame(show);
  }

  function show() {
    frame = 0;
    setText(reached);
  }
}

function isEnd(event: string | undefined): boolean {
  return event === 'MessageEnd' || event === 'RunError';
}
