import { createSignal, Show, untrack, type JSX } from 'solid-js';

import { useViewer } from '../../auth/session';
import { t } from '../../i18n';
import { formatMoment, formatTime } from '../../i18n/format';
import { effectiveContent, isOwn, type Message } from '../../store/message-fragments';
import { AgentMark } from '../../ui/agent-mark';
import { Avatar } from '../../ui/avatar';
import { createEditing, type Editing } from '../create-editing';
import { createMessageActions } from '../create-message-actions';
import { useChatPlace } from '../place';
import { threadWords } from '../words';
import { Tombstone } from './bubble';
import { DeleteDialog } from './delete-dialog';
import { MessageEditor } from './message-editor';
import { MessageTools } from './message-tools';
import { QuoteLink } from './quote-link';
import { ReactionChips } from './reaction-chips';
import { Unanswered } from './unanswered';
import { WrittenText } from './written-text';

/** What a person wrote in a room, as written: of marks, only those of code are read. */
export function RoomMessage(props: { message: Message; isContinued: boolean }) {
  const viewer = useViewer();
  const place = useChatPlace();
  const actions = createMessageActions();
  const [isAsking, setAsking] = createSignal(false);
  const name = () => props.message.author?.name ?? threadWords().formerMember;
  const isViewers = () => isOwn(props.message, viewer().person.id);
  // oxlint-disable-next-line solid/reactivity -- a message keeps its author
  const editing = isViewers() ? createEditing(() => props.message) : null;
  return (
    <article
      ref={(element) => editing?.row(element)}
      aria-label={isViewers() ? t().common.you : name()}
      class="group/row relative -mx-2 flex gap-3 rounded-md px-2 outline-none hover:bg-panel"
    >
      <AuthorSide
        name={name()}
        color={props.message.author?.avatarColor}
        isAgent={props.message.author?.isAgent}
        at={props.message.createdAt}
        isContinued={props.isContinued}
      />
      <div class="flex min-w-0 flex-1 flex-col">
        <Show when={props.message.replyTo}>{(quote) => <QuoteLink quote={quote()} />}</Show>
        <Show when={!props.isContinued}>
          <AuthorLine name={name()} isAgent={!!props.message.author?.isAgent} at={props.message.createdAt} />
        </Show>
        <Show when={editing?.isEditing() && editing} fallback={<Words message={props.message} />}>
          {(open) => <EditorInPlace message={props.message} editing={open()} />}
        </Show>
      </div>
      <Show when={!props.message.isDeleted && !editing?.isEditing()}>
        <MessageTools
          message={props.message}
          onEdit={editing && editing.open}
          onDelete={place.canDeleteAny() || (isViewers() && place.canDeleteOwn()) ? () => setAsking(true) : null}
          editRef={(element) => editing?.editButton(element)}
        />
      </Show>
      <DeleteDialog
        isOpen={isAsking()}
        hint={isViewers() ? threadWords().deleteHint : threadWords().deleteOthersHint(name())}
        onClose={() => setAsking(false)}
        onDelete={() => void actions.remove(props.message.id)}
      />
    </article>
  );
}

/** The initials, or where the author goes on, the time under the pointer. */
export function AuthorSide(props: {
  name: string;
  color: string | undefined;
  isAgent?: boolean | undefined;
  at: string;
  isContinued: boolean;
  icon?: JSX.Element;
}) {
  return (
    <div class="w-8 shrink-0 pt-0.5">
      <Show
        when={!props.isContinued}
        fallback={
          <span
            aria-hidden="true"
            class="flex justify-end font-mono text-[10px] leading-6.5 whitespace-nowrap text-ink-faint opacity-0 group-hover/row:opacity-100 touch:hidden"
          >
            {formatTime(props.at)}
          </span>
        }
      >
        {props.icon ?? <Avatar name={props.name} color={props.color ?? 'var(--ink-faint)'} isAgent={props.isAgent} />}
      </Show>
    </div>
  );
}

function AuthorLine(props: { name: string; isAgent: boolean; at: string }) {
  return (
    <p class="flex items-baseline gap-2">
      <span class="min-w-0 truncate font-medium">{props.name}</span>
      <Show when={props.isAgent}>
        <AgentMark />
      </Show>
      <time class="shrink-0 font-mono text-tiny text-ink-faint" datetime={props.at} title={formatMoment(props.at)}>
        {formatTime(props.at)}
      </time>
    </p>
  );
}

function Words(props: { message: Message }) {
  return (
    <Show when={!props.message.isDeleted} fallback={<Tombstone by={props.message.deletedBy?.name} />}>
      <p dir="auto" class="min-w-0 text-read break-words whitespace-pre-wrap [overflow-wrap:anywhere]">
        <WrittenText text={effectiveContent(props.message)} mentions={props.message.mentions} />
        <Show when={props.message.editedAt}>
          {(at) => (
            <span class="pl-1.5 text-tiny text-ink-faint" title={formatMoment(at())}>
              ({threadWords().edited})
            </span>
          )}
        </Show>
      </p>
      <Unanswered message={props.message} />
      <ReactionChips message={props.message} />
    </Show>
  );
}

function EditorInPlace(props: { message: Message; editing: Editing }) {
  const actions = createMessageActions();
  return (
    <MessageEditor
      text={untrack(() => effectiveContent(props.message))}
      draft={props.editing.draft()}
      obstacle={props.editing.obstacle()}
      onText={props.editing.keepWording}
      onSave={(text) => actions.edit(props.message.id, text)}
      onSendAgain={null}
      onMove={props.editing.moveToComposer}
      onClose={props.editing.close}
    />
  );
}
