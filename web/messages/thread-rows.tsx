import { createMemo, For, Match, Switch } from 'solid-js';

import { useViewer } from '../auth/session';
import { isOwn, type Message } from '../store/message-fragments';
import { piecesAround } from './answer-pieces';
import type { Direction } from './branches';
import type { Thread } from './create-thread';
import type { OutgoingMessage } from './outbox';
import { useChatPlace } from './place';
import { Answer } from './rows/answer';
import { EventLine } from './rows/event-line';
import { OutgoingRow } from './rows/outgoing';
import { OwnMessage } from './rows/own-message';
import { continuesAuthor, PersonMessage } from './rows/person-message';
import type { RowGap } from './rows-between';

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
  items: readonly (Message | RowGap)[];
  isAsking: boolean;
  focusOn: (message: Message) => Direction | undefined;
  onSelect: (messageId: string, direction: Direction) => void;
}

export function ThreadRows(props: ThreadRowsProps) {
  const indexes = createMemo(() => new Map(props.thread.messages().map(({ id }, index) => [id, index])));
  return (
    <For each={props.items}>
      {(item) =>
        'height' in item ? (
          <div aria-hidden="true" class="shrink-0" style={{ height: `${item.height}px` }} data-edge data-gap />
        ) : (
          <MessageRow {...props} message={item} index={indexes().get(item.id) ?? 0} />
        )
      }
    </For>
  );
}

function MessageRow(props: ThreadRowsProps & { message: Message; index: number }) {
  const messages = () => props.thread.messages();
  const viewer = useViewer();
  const place = useChatPlace();
  const pieces = createMemo(() => piecesAround(messages(), props.index));
  return (
    <Switch>
      <Match when={props.message.event}>{(event) => <EventLine message={props.message} event={event()} />}</Match>
      <Match when={place.isRoom() && props.message.role === 'USER' && !isOwn(props.message, viewer().person.id)}>
        <PersonMessage
          message={props.message}
          isContinued={continuesAuthor(messages()[props.index - 1], props.message)}
        />
      </Match>
      <Match when={props.message.role === 'USER'}>
        <OwnMessage
          message={props.message}
          focusOn={props.focusOn(props.message)}
          onSelect={props.onSelect}
          onSendBeside={(content, clientId) => props.onSendBeside(props.message, content, clientId)}
        />
      </Match>
      <Match when={props.message.role === 'ASSISTANT'}>
        <Answer
          message={props.message}
          opening={pieces().opening}
          rest={pieces().rest}
          focusOn={props.focusOn(props.message)}
          onSelect={props.onSelect}
          onContinue={() => props.onContinue(props.message.id)}
          textOf={props.thread.textOf}
          isLast={props.message.id === messages().at(-1)?.id && !props.thread.hasMoreBelow()}
          isAsking={props.isAsking}
          onRegenerate={(agentId) => props.onRegenerate(props.message.id, agentId)}
          onInspect={props.onInspect}
        />
      </Match>
    </Switch>
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
