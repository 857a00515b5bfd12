/** Chats of many messages, written through the API. */
import type { Page } from '@playwright/test';

import { ask, expect, type TestConfab } from './confab.ts';

export interface LongChat {
  id: string;
  /** Of all messages, the first to last: each question and its answer. */
  messageIds: string[];
}

/** A chat of so many questions, "Question 1." and so on, each answered. */
export async function writeLongChat(page: Page, confab: TestConfab, questions: number): Promise<LongChat> {
  const { createChat } = await ask<{ createChat: { chat: { id: string } } }>(
    page,
    confab.url,
    'mutation { createChat(input: { title: "Long" }) { ... on CreateChatPayload { chat { id } } } }',
  );
  const { id } = createChat.chat;
  for (let number = 1; number <= questions; number += 1) await asks(page, confab, id, `Question ${number}.`);
  const messageIds: string[] = [];
  for (let after: string | null = null, hasMore = true; hasMore;) {
    const { chat }: MessagesPage = await ask<MessagesPage>(page, confab.url, MESSAGES, { id, after });
    messageIds.push(...chat.messages.nodes.map((message) => message.id));
    after = chat.messages.pageInfo.endCursor;
    hasMore = chat.messages.pageInfo.hasNextPage;
  }
  return { id, messageIds };
}

/** Sends a message, below another one where that is named, and waits for its answer. */
export async function asks(page: Page, confab: TestConfab, chatId: string, content: string, parentId?: string) {
  const input = { chatId, content, clientId: crypto.randomUUID(), ...(parentId && { parentId }) };
  await ask(
    page,
    confab.url,
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on Error { reason } } }',
    { input },
  );
  await expect
    .poll(
      () =>
        ask<{ chat: { activeRuns: object[] } }>(page, confab.url, `{ chat(id: "${chatId}") { activeRuns { id } } }`),
      { intervals: [10] },
    )
    .toEqual({ chat: { activeRuns: [] } });
}

interface MessagesPage {
  chat: { messages: { nodes: { id: string }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } } };
}

const MESSAGES = `query ($id: ID!, $after: String) {
  chat(id: $id) { messages(first: 100, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }
}`;
