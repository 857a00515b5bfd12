/** Rows as the server tells them, with nothing in them but what matters to a test. */
import type { Chat } from '../store/chat-fragments';
import type { Message } from '../store/message-fragments';
import type { Run } from '../store/run';

export const chatAt = (revision: number, more: Partial<Chat> = {}): Chat => ({
  id: 'chat',
  revision,
  kind: 'PRIVATE',
  title: `as of ${revision}`,
  topic: '',
  viewerRole: 'OWNER',
  memberCount: 1,
  unreadCount: 0,
  mentionCount: 0,
  firstUnreadId: null,
  notify: 'MENTIONS',
  mutedAt: null,
  agent: null,
  chosenAgent: null,
  pinnedAt: null,
  archivedAt: null,
  deletedAt: null,
  viewerCan: ['POST'],
  closedAt: null,
  lastMessageAt: null,
  isAnswering: false,
  createdAt: '2026-11-21T00:00:00.000Z',
  ...more,
});

export const messageOf = (id: string, parentId: string | null, content: string, run: Run | null = null): Message => ({
  id,
  clientId: null,
  seq: 0,
  role: run ? 'ASSISTANT' : 'USER',
  content,
  parts: [],
  editedContent: null,
  editedAt: null,
  isDeleted: false,
  createdAt: '2026-11-21T00:00:00.000Z',
  parent: parentId === null ? null : { id: parentId },
  siblings: [{ id }],
  author: null,
  event: null,
  deletedBy: null,
  replyTo: null,
  mentions: [],
  reactions: [],
  agent: null,
  run,
});

export const runOf = (id: string, status: Run['status']): Run => ({
  id,
  status,
  isCut: false,
  stopReason: null,
  failure: null,
  provider: 'ECHO',
  model: 'echo',
  usage: null,
  contextWindow: null,
  createdAt: '2026-11-21T00:00:00.000Z',
  startedAt: null,
  firstTokenAt: null,
  endedAt: null,
});
