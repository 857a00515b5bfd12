import Copy from 'lucide-solid/icons/copy';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Link from 'lucide-solid/icons/link';
import Pencil from 'lucide-solid/icons/pencil';
import Reply from 'lucide-solid/icons/reply';
import SmilePlus from 'lucide-solid/icons/face-slightly-smiling-plus';
import Trash from 'lucide-solid/icons/trash';
import { createSignal, lazy, Show, Suspense } from 'solid-js';

import { chatPath } from '../../store/chat-fragments';
import { effectiveContent, type Message } from '../../store/message-fragments';
import { IconButton, iconButtonShape } from '../../ui/button';
import { copyText } from '../../ui/copy-button';
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu';
import { createReactions } from '../create-reactions';
import { useChatPlace } from '../place';
import { setReplyTarget } from '../reply-target';
import { threadWords } from '../words';

const EmojiPicker = lazy(() => import('../../ui/emoji-picker'));

interface MessageToolsProps {
  message: Message;
  /** Null: it is not the viewer's to edit. */
  onEdit: (() => void) | null;
  /** Null: it is not the viewer's to delete. */
  onDelete: (() => void) | null;
  editRef?: (element: HTMLElement) => void;
}

/** What one can do with a message of a room: over its upper edge under the pointer or the focus; on a touch screen one button. */
export function MessageTools(props: MessageToolsProps) {
  const place = useChatPlace();
  const toggle = createReactions();
  const [anchor, setAnchor] = createSignal<HTMLElement | null>(null);
  let tools: HTMLDivElement | undefined;

  function reply() {
    setReplyTarget(place.chatId, props.message);
    // A menu gives the focus back to its button first.
    setTimeout(() => place.focusComposer());
  }

  function pick(emoji: string) {
    setAnchor(null);
    const isGiven = props.message.reactions.some((each) => each.emoji === emoji && each.viewerReacted);
    if (!isGiven) void toggle(props.message, emoji);
  }

  return (
    <div
      ref={(element) => (tools = element)}
      class="pointer-events-none absolute -top-4 right-0 z-10 flex rounded-md border border-line bg-raised opacity-0 transition-opacity group-focus-within/row:pointer-events-auto group-focus-within/row:opacity-100 group-hover/row:pointer-events-auto group-hover/row:opacity-100 group-has-aria-expanded/row:pointer-events-auto group-has-aria-expanded/row:opacity-100 touch:pointer-events-auto touch:static touch:-my-1 touch:self-start touch:border-0 touch:bg-transparent touch:opacity-100"
    >
      <Show when={!place.isClosed()}>
        <QuickButtons
          isPicking={anchor() !== null}
          onReact={setAnchor}
          onReply={reply}
          onEdit={props.onEdit}
          editRef={props.editRef}
        />
      </Show>
      <MessageMenu
        message={props.message}
        onReact={() => setAnchor(tools ?? null)}
        onReply={reply}
        onEdit={props.onEdit}
        onDelete={props.onDelete}
      />
      <Show when={anchor()}>
        {(element) => (
          <Suspense>
            <EmojiPicker
              label={threadWords().reactionPicker}
              anchor={element()}
              onPick={pick}
              onClose={() => setAnchor(null)}
            />
          </Suspense>
        )}
      </Show>
    </div>
  );
}

interface QuickButtonsProps {
  /** The emoji are offered. */
  isPicking: boolean;
  onReact: (button: HTMLElement) => void;
  onReply: () => void;
  onEdit: (() => void) | null;
  editRef: ((element: HTMLElement) => void) | undefined;
}

function QuickButtons(props: QuickButtonsProps) {
  return (
    <>
      <IconButton
        class="touch:hidden"
        label={threadWords().addReaction}
        aria-expanded={props.isPicking}
        onClick={(event) => props.onReact(event.currentTarget)}
      >
        <SmilePlus size={15} aria-hidden="true" />
      </IconButton>
      <IconButton class="touch:hidden" label={threadWords().reply} onClick={() => props.onReply()}>
        <Reply size={15} aria-hidden="true" />
      </IconButton>
      <Show when={props.onEdit}>
        {(edit) => (
          <IconButton
            ref={(element) => props.editRef?.(element)}
            class="touch:hidden"
            label={threadWords().editMessage}
            onClick={() => edit()()}
          >
            <Pencil size={15} aria-hidden="true" />
          </IconButton>
        )}
      </Show>
    </>
  );
}

interface MessageMenuProps {
  message: Message;
  onReact: () => void;
  onReply: () => void;
  onEdit: (() => void) | null;
  onDelete: (() => void) | null;
}

/** It gives the focus back to its button when it closes: what moves the focus waits for that. */
function MessageMenu(props: MessageMenuProps) {
  const place = useChatPlace();
  const linkTo = (message: Message) => `${location.origin}${chatPath(place.chatId)}?message=${message.id}`;
  return (
    <Menu
      label={threadWords().moreActions}
      triggerClass={iconButtonShape}
      trigger={<Ellipsis size={15} aria-hidden="true" />}
    >
      <Show when={!place.isClosed()}>
        <MenuItem icon={<Reply size={15} />} onSelect={props.onReply}>
          {threadWords().reply}
        </MenuItem>
        <MenuItem icon={<SmilePlus size={15} />} onSelect={() => setTimeout(props.onReact)}>
          {threadWords().addReaction}
        </MenuItem>
        <Show when={props.onEdit}>
          {(edit) => (
            <MenuItem icon={<Pencil size={15} />} onSelect={() => setTimeout(edit())}>
              {threadWords().editMessage}
            </MenuItem>
          )}
        </Show>
        <MenuSeparator />
      </Show>
      <MenuItem icon={<Copy size={15} />} onSelect={() => void copyText(effectiveContent(props.message))}>
        {threadWords().copyMessage}
      </MenuItem>
      <MenuItem icon={<Link size={15} />} onSelect={() => void copyText(linkTo(props.message))}>
        {threadWords().copyLink}
      </MenuItem>
      <Show when={props.onDelete}>
        {(remove) => (
          <>
            <MenuSeparator />
            <MenuItem icon={<Trash size={15} />} isDangerous onSelect={() => setTimeout(remove())}>
              {threadWords().deleteMessage}
            </MenuItem>
          </>
        )}
      </Show>
    </Menu>
  );
}
