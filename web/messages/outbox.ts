import type { Client } from '@urql/core';
import { createStore, produce } from 'solid-js/store';
import { graphql } from '../generated';
import { makeClientId } from '../graphql/client-id';
import { perform } from '../graphql/perform';
import { setDown, setOut } from './drafts';

const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessagePayload {
        chat {
          ...ChatFields
        }
        message {
          ...MessageFields
        }
        answer {
          ...MessageFields
        }
      }
      ... on InvalidInputError {
        issues {
          reason
        }
      }
      ... on RunLimitError {
        limit
      }
      ... on Error {
        reason
      }
    }
  }
`);

/** A message that stands in the thread already but that the server has not confirmed yet. */
export interface OutgoingMessage {
  /** The same over every attempt, so that the server recognises a repeated one. */
  clientId: string;
  chatId: string;
  content: string;
  /** Why it was not sent, in words; null while it is on its way. */
  problem: string | null;
}

const [outbox, setOutbox] = createStore<OutgoingMessage[]>([]);

export function outgoingIn(chatId: string): OutgoingMessage[] {
  return outbox.filter((each) => each.chatId === chatId);
}

/**
 * Sends what stood in the person's box for a chat. Returns words where the message came back because an answer is still
 * being written: then it was not kept here.
 */
export async function send(client: Client, viewerId: string, chatId: string, content: string): Promise<string | null> {
  const message: OutgoingMessage = { clientId: makeClientId(), chatId, content, problem: null };
  setOut(message.clientId, viewerId, chatId, content);
  setOutbox(outbox.length, message);
  return attempt(client, message);
}

export function sendAgain(client: Client, clientId: string): void {
  const message = outbox.find((each) => each.clientId === clientId);
  if (!message) return;
  setOutbox((each) => each.clientId === clientId, 'problem', null);
  void attempt(client, message);
}

export function takeBack(clientId: string): void {
  setOutbox(produce((all) => all.splice(0, all.length, ...all.filter((each) => each.clientId !== clientId))));
  setDown(clientId);
}

async function attempt(client: Client, { clientId, chatId, content }: OutgoingMessage): Promise<string | null> {
  const sent = await perform(client, SendMessage, { input: { chatId, content, clientId } });
  if (sent.payload) {
    takeBack(clientId);
    return null;
  }
  if (sent.failure?.__typename === 'RunInProgressError') {
    takeBack(clientId);
    return sent.words;
  }
  setOutbox((each) => each.clientId === clientId, 'problem', sent.words);
  return null;
}
