import { createMemo, For, Show } from 'solid-js';

import type { Message } from '../store/message-fragments';
import { piecesAround } from './answer-pieces';
import type { Direction } from './branches';
import type { Thread } from './create-thread';
import type { OutgoingMessage } from './outbox';
import { Answer } from './rows/answer';
import { OutgoingRow } from './rows/outgoing';
import { OwnMessage } from './rows/own-message';

export interface ThreadActions {
  /** Of another agent, where one is named. */
  onRegenerate: (messageId: string, agentId?: string) => void;
  onContinue: (messageId: string) => void;
  /** Returns what went wrong, in words. */
  onSendBeside: (message: Message, content: string, clientId: string) => Promise<string | null>;
  onInspect: (runId: string) => void;
}

interface ThreadRowsProps extends ThreadActions {
  thread: Thread;
  isAsking: boolean;
  focusOn: (message: Message) => Direction | undefined;
  onSelect: (messageId: string, direction: Direction) => void;
}

export function ThreadRows(props: ThreadRowsProps) {
  return (
    <For each={props.thread.messages()}>
      {(message, index) => <MessageRow {...props} message={message} index={index()} />}
    </For>
  );
}

function MessageRow(props: ThreadRowsProps & { message: Message; index: number }) {
  const messages = () => props.thread.messages();
  const pieces = createMemo(() => piecesAround(messages(), props.index));
  return (
    <Show
      when={props.message.role === 'ASSISTANT'}
      fallback={
        <OwnMessage
          message={props.message}
          focusOn={props.focusOn(props.message)}
          onSelect={props.onSelect}
          onSendBeside={(content, clientId) => props.onSendBeside(props.message, content, clientId)}
        />
      }
    >
      <Answer
        message={props.message}
        opening={pieces().opening}
        rest={pieces().rest}
        focusOn={props.focusOn(props.message)}
        onSelect={props.onSelect}
        onContinue={() => props.onContinue(props.message.id)}
        textOf={props.thread.textOf}
        isLast={props.message.id === messages().at(-1)?.id}
        isAsking={props.isAsking}
        onRegenerate={(agentId) => props.onRegenerate(props.message.id, agentId)}
        onInspect={props.onInspect}
      />
    </Show>
  );
}

interface OutgoingRowsProps {
  messages: readonly OutgoingMessage[];
  onRetry: (clientId: string) => void;
  onTakeBack: (message: OutgoingMessage) => void;
}

export function OutgoingRows(props: OutgoingRowsProps) {
  return (
    <For each={props.messages}>
      {(message) => (
        <OutgoingRow
          message={message}
          onRetry={() => props.onRetry(message.clientId)}
          onTakeBack={() => props.onTakeBack(message)}
        />
      )}
    </For>
  );
}
