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
  const canWrite = () => !place.isClosed();

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
      <Show when={canWrite()}>
        <IconButton
          class="touch:hidden"
          label={threadWords().addReaction}
          aria-expanded={anchor() !== null}
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          <SmilePlus size={15} aria-hidden="true" />
        </IconButton>
        <IconButton class="touch:hidden" label={threadWords().reply} onClick={reply}>
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
      </Show>
      <Menu
        label={threadWords().moreActions}
        triggerClass={iconButtonShape}
        trigger={<Ellipsis size={15} aria-hidden="true" />}
      >
        <Show when={canWrite()}>
          <MenuItem icon={<Reply size={15} />} onSelect={reply}>
            {threadWords().reply}
          </MenuItem>
          <MenuItem icon={<SmilePlus size={15} />} onSelect={() => setTimeout(() => setAnchor(tools ?? null))}>
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
        <MenuItem
          icon={<Link size={15} />}
          onSelect={() => void copyText(`${location.origin}${chatPath(place.chatId)}?message=${props.message.id}`)}
        >
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
