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

/** A message as it counts: as edited, where it was. */
export const effectiveContent = (message: Pick<Message, 'content' | 'editedContent'>) =>
  message.editedContent ?? message.content;
