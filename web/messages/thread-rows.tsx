import Bot from 'lucide-solid/icons/bot';
import { createMemo, createSignal, For, Match, Show, Switch } from 'solid-js';

import { answererOf, type Message } from '../store/message-fragments';
import { isActive } from '../store/run';
import { piecesAround, wholeAnswer } from './answer-pieces';
import type { Direction } from './branches';
import { createMessageActions } from './create-message-actions';
import type { Thread } from './create-thread';
import type { OutgoingMessage } from './outbox';
import { useChatPlace } from './place';
import { layoutOf, type RowLayout } from './room-layout';
import { Answer } from './rows/answer';
import { DeleteDialog } from './rows/delete-dialog';
import { EventLine } from './rows/event-line';
import { OutgoingRow } from './rows/outgoing';
import { OwnMessage } from './rows/own-message';
import { QuoteLink } from './rows/quote-link';
import { ReactionChips } from './rows/reaction-chips';
import { AuthorSide, RoomMessage } from './rows/room-message';
import { MessageTools } from './rows/message-tools';
import { RoomRow } from './rows/room-row';
import type { RowGap } from './rows-between';
import { threadWords } from './words';

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
  /** Of a room: below the line that says so. */
  firstUnreadId: string | null;
  focusOn: (message: Message) => Direction | undefined;
  onSelect: (messageId: string, direction: Direction) => void;
}

export function ThreadRows(props: ThreadRowsProps) {
  const place = useChatPlace();
  const indexes = createMemo(() => new Map(props.thread.messages().map(({ id }, index) => [id, index])));
  const layouts = createMemo(() =>
    place.isRoom() ? layoutOf(props.thread.messages(), props.firstUnreadId) : new Map<string, RowLayout>(),
  );
  return (
    <For each={props.items}>
      {(item) =>
        'height' in item ? (
          <div aria-hidden="true" class="shrink-0" style={{ height: `${item.height}px` }} data-edge data-gap />
        ) : (
          <Show
            when={place.isRoom()}
            fallback={<MessageRow {...props} message={item} index={indexes().get(item.id) ?? 0} />}
          >
            <RoomRow message={item} layout={layouts().get(item.id)}>
              <RowInRoom
                {...props}
                message={item}
                index={indexes().get(item.id) ?? 0}
                layout={layouts().get(item.id)}
              />
            </RoomRow>
          </Show>
        )
      }
    </For>
  );
}

interface MessageRowProps extends ThreadRowsProps {
  message: Message;
  /** Among those that are shown. */
  index: number;
}

function RowInRoom(props: MessageRowProps & { layout: RowLayout | undefined }) {
  return (
    <Switch>
      <Match when={props.message.event}>
        <EventLine message={props.message} folded={props.layout?.folded ?? null} />
      </Match>
      <Match when={props.message.role === 'USER'}>
        <RoomMessage message={props.message} isContinued={props.layout?.isContinued ?? false} />
      </Match>
      <Match when={props.message.role === 'ASSISTANT'}>
        <AgentRow {...props} />
      </Match>
    </Switch>
  );
}

/** An answer, of an agent or of a service agent, as one of the room's rows. */
function AgentRow(props: MessageRowProps) {
  const place = useChatPlace();
  const actions = createMessageActions();
  const [isAsking, setAsking] = createSignal(false);
  const name = () => answererOf(props.message)?.name ?? '';
  const canDelete = () => place.canDeleteAny() && !isActive(props.message.run);
  return (
    <div class="group/row relative flex gap-3">
      <AuthorSide
        name={name()}
        color={props.message.author?.avatarColor}
        isAgent
        at={props.message.createdAt}
        isContinued={false}
        icon={props.message.author ? undefined : <AgentIcon />}
      />
      <div class="flex min-w-0 flex-1 flex-col">
        <Show when={props.message.replyTo}>{(quote) => <QuoteLink quote={quote()} />}</Show>
        <MessageRow {...props} />
        <ReactionChips message={props.message} />
      </div>
      <Show when={!props.message.isDeleted}>
        <MessageTools message={props.message} onEdit={null} onDelete={canDelete() ? () => setAsking(true) : null} />
      </Show>
      <DeleteDialog
        isOpen={isAsking()}
        hint={threadWords().deleteOthersHint(name())}
        onClose={() => setAsking(false)}
        onDelete={() => void actions.remove(props.message.id)}
      />
    </div>
  );
}

function AgentIcon() {
  return (
    <span class="grid size-8 place-items-center rounded-md border border-accent-line bg-accent-tint text-accent">
      <Bot size={16} aria-hidden="true" />
    </span>
  );
}

function MessageRow(props: MessageRowProps) {
  const place = useChatPlace();
  const messages = () => props.thread.messages();
  // In a room nothing is continued: an agent's answers below each other are answers to several questions.
  const pieces = createMemo(() => (place.isRoom() ? wholeAnswer : piecesAround(messages(), props.index)));
  return (
    <Switch>
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
