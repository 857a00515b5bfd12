import { beforeEach, expect, test } from 'vitest';

import {
  forgetNewChat,
  rememberNewChat,
  takeLeftNewChats,
  takeOrphanNewChats,
  type NewChatSending,
} from './new-chat-sendings';
import { pageRecords } from './page-records';
import { takeLeftSendings } from './sendings';

const first: NewChatSending = {
  viewerId: 'ann',
  createClientId: 'chat 1',
  messageClientId: 'message 1',
  agentId: 'echo',
  content: 'First.',
  sentAt: 1,
};
const second: NewChatSending = {
  ...first,
  createClientId: 'chat 2',
  messageClientId: 'message 2',
  agentId: null,
  sentAt: 2,
};

beforeEach(() => localStorage.clear());

test('what a page leaves unsent is taken once, whole, in its order, and only by its own person', () => {
  rememberNewChat(second);
  rememberNewChat(first);
  expect(takeLeftNewChats('ann')).toEqual([]);
  pageRecords.leave();
  expect(takeLeftNewChats('bob')).toEqual([]);
  // The messages of chats that exist have records of their own.
  expect(takeLeftSendings('ann')).toEqual([]);
  expect(takeLeftNewChats('ann')).toEqual([first, second]);
  expect(takeLeftNewChats('ann')).toEqual([]);
  forgetNewChat(first);
  forgetNewChat(second);
});

test('what was sent is forgotten, and a record that is not whole is ignored', async () => {
  rememberNewChat(first);
  forgetNewChat(first);
  const broken = { page: null, savedAt: 1, value: { ...first, content: undefined } };
  localStorage.setItem('confab.new-chat.ann.broken', JSON.stringify(broken));
  const orphan = { page: 'crashed', savedAt: 1, value: second };
  localStorage.setItem('confab.new-chat.ann.orphan', JSON.stringify(orphan));
  pageRecords.leave();
  expect(takeLeftNewChats('ann')).toEqual([]);
  expect(await takeOrphanNewChats('ann')).toEqual([second]);
});
