import { graphql } from '../generated';
import type { NewestMessagesQuery } from '../generated/graphql';
import type { Chat } from '../store/chat-fragments';
import { isActive } from '../store/run';

export const NewestMessages = graphql(`
  query NewestMessages($id: ID!) {
    chat(id: $id) {
      messages(last: 20) {
        nodes {
          id
          role
          excerpt
          isDeleted
          author {
            id
            name
          }
          agent {
            id
            name
          }
          mentions {
            isRoom
            person {
              id
            }
          }
          run {
            id
            status
            initiator {
              id
            }
          }
        }
      }
    }
  }
`);

type NewestMessage = NonNullable<NewestMessagesQuery['chat']>['messages']['nodes'][number];

/** Which message of a room a notification shows: the newest unread one of those that its person wants to be notified of. */
export function notableMessage(
  messages: readonly NewestMessage[],
  { firstUnreadId, notify }: Pick<Chat, 'firstUnreadId' | 'notify'>,
  personId: string,
): NewestMessage | undefined {
  // Where the first unread one is older than these, all of these are unread.
  const first = messages.findIndex(({ id }) => id === firstUnreadId);
  return messages.slice(Math.max(0, first)).findLast((message) => {
    const { role, excerpt, isDeleted, author, mentions, run } = message;
    if (role === 'SYSTEM' || isDeleted || excerpt === '' || author?.id === personId || isActive(run)) return false;
    if (notify === 'ALL' || isAnswerTo(message, personId)) return true;
    return mentions.some(({ isRoom, person }) => isRoom || person?.id === personId);
  });
}

/** Whether that person asked for it. */
export function isAnswerTo({ run }: Pick<NewestMessage, 'run'>, personId: string): boolean {
  return run?.initiator?.id === personId;
}
