/** What a long answer costs on the wire. */
import { print } from 'graphql';

import { graphql } from '../api/generated/graphql/gql.ts';
import { person } from '../api/testing/person.ts';
import { testServer } from '../api/testing/server.ts';
import { FeedDocument, type FeedSubscriptionVariables } from '../web/generated/graphql.ts';
import type { Measure } from './measure.ts';
import { followWith } from './raw-reader.ts';

const TOKENS = 10_000;
const TOKENS_A_SECOND = 100;

/** As little as a reader needs who knows that the answer has one part. */
const Lean = graphql(`
  subscription Lean($runId: ID!, $from: Int!) {
    runEvents(runId: $runId, from: $from) {
      __typename
      ... on ContentDelta {
        from
        text
      }
    }
  }
`);

export async function measureWire(): Promise<Measure[]> {
  const { model, url } = testServer();
  const ann = await person('wire');
  const held = model.hold();
  const { chat, run } = await ann.sends('Write a book.');
  const lean = followWith(url, { query: print(Lean), variables: { runId: run.id, from: 0 } }, ann.headers, () => {});
  // A feed goes on, so its reader has to know the end: the whole message comes with it.
  const over = Promise.withResolvers<void>();
  let tail = '';
  const watched: FeedSubscriptionVariables = { chats: [{ id: chat.id, after: chat.revision }], agentsVersion: '' };
  const page = followWith(url, { query: print(FeedDocument), variables: watched }, ann.headers, (text) => {
    tail = tail.slice(-100) + text;
    if (tail.includes('"status":"COMPLETED"')) over.resolve();
  });
  await held.arrived;
  held.begin();
  const began = performance.now();
  for (let said = 0; said < TOKENS;) {
    const due = Math.min(TOKENS, ((performance.now() - began) / 1000) * TOKENS_A_SECOND);
    for (; said < due; said += 1) held.write(said % 7 === 0 ? ' thing' : ' of');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  held.end();
  await Promise.all([lean.ended, Promise.race([over.promise, page.ended])]);
  page.socket.destroy();
  const asked = '10,000 tokens at 100 tokens a second, on the wire';
  return [
    measureOf(asked, lean.received(), 'runEvents with from and text, HTTP framing included'),
    measureOf(
      `${asked}, as the page asks`,
      page.received(),
      'its whole feed, the finished message and HTTP framing included',
    ),
  ];
}

function measureOf(what: string, bytes: number, which: string): Measure {
  const mebibytes = bytes / 2 ** 20;
  return { what, result: `${mebibytes.toFixed(2)} MiB (${which})`, goal: '≤ 0.4 MiB', isMet: mebibytes <= 0.4 };
}
