import { graphql } from '../generated';
import type { MessageFieldsFragment } from '../generated/graphql';

export const MessageFields = graphql(`
  fragment MessageFields on Message {
    id
    clientId
    seq
    role
    content
    parts {
      kind
      text
    }
    editedContent
    editedAt
    isDeleted
    createdAt
    parent {
      id
    }
    siblings {
      id
    }
    author {
      ...PersonFields
    }
    event {
      kind
      text
      people {
        id
        name
      }
      agents {
        id
        name
      }
    }
    deletedBy {
      id
      name
    }
    replyTo {
      id
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
    }
    mentions {
      name
      isRoom
      refusal
      person {
        id
        name
      }
      agent {
        id
        name
      }
    }
    reactions {
      emoji
      count
      viewerReacted
      people {
        id
        name
      }
    }
    agent {
      id
      name
    }
    run {
      ...RunFields
    }
  }
`);

export type Message = MessageFieldsFragment;

export type Quote = NonNullable<Message['replyTo']>;

export type Mention = Message['mentions'][number];

export type Reaction = Message['reactions'][number];

/** A message as it counts: as edited, where it was. */
export const effectiveContent = (message: Pick<Message, 'content' | 'editedContent'>) =>
  message.editedContent ?? message.content;

interface Name {
  id: string;
  name: string;
}

interface Named {
  agent: Name | null;
  author: Name | null;
}

/** Whether that person wrote it. A deleted account has no author. */
export function isOwn({ role, author }: Pick<Message, 'role'> & Pick<Named, 'author'>, personId: string): boolean {
  return role === 'USER' && author?.id === personId;
}

/** Whose answer it is: an agent's, or a service agent's. Null for an account that is deleted. */
export function answererOf({ agent, author }: Named): Name | null {
  return agent ?? author;
}
