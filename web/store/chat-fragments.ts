import { titleWords } from './words';
import { graphql } from '../generated';
import type { ChatFieldsFragment } from '../generated/graphql';

export const ChatFields = graphql(`
  fragment ChatFields on Chat {
    id
    revision
    resetRevision
    kind
    title
    topic
    viewerRole
    memberCount
    unreadCount
    mentionCount
    firstUnreadId
    notify
    mutedAt
    agent {
      ...AgentFields
    }
    chosenAgent {
      id
    }
    pinnedAt
    archivedAt
    deletedAt
    viewerCan
    closedAt
    lastMessageAt
    isAnswering
    createdAt
  }
`);

export type Chat = ChatFieldsFragment;

/** The address of a chat's page. */
export const chatPath = (id: string) => `/chat/${id}`;

/** The page of a chat that will begin with the first message. */
export const newChatPath = '/chat/new';

export function titleOf({ title }: Pick<Chat, 'title'>): string {
  return title ?? titleWords().untitled;
}
