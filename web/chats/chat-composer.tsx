import X from 'lucide-solid/icons/x';
import { createSignal, Show } from 'solid-js';

import { AgentPicker } from '../agents/agent-picker';
import { useViewer } from '../auth/session';
import { createMediaQuery } from '../browser/create-media-query';
import { useFeed } from '../feed/create-feed';
import { Composer } from '../messages/composer';
import { composerWords, threadWords } from '../messages/words';
import { createMentionCompletion } from '../messages/create-mention-completion';
import { draftOf, holdDraft, keepDraft, returnToDraft } from '../messages/drafts';
import { send } from '../messages/outbox';
import { replyTargetIn, setReplyTarget } from '../messages/reply-target';
import { nameOf, QuoteLine } from '../messages/rows/quote-link';
import { effectiveContent, type Message } from '../store/message-fragments';
import { createCommands } from '../ui/commands';
import { IconButton } from '../ui/button';
import { keyWords } from '../ui/words';
import { createTyping } from '../rooms/create-typing';
import { Notice } from '../ui/notice';
import type { ChatActions } from './create-chat-actions';
import { titleOf, type Chat } from '../store/chat-fragments';

interface ChatComposerProps {
  chatId: string;
  chat: Chat | null;
  actions: ChatActions;
  isRunning: boolean;
  onStop: () => void;
  onEditLast: () => void;
  onLeave: () => void;
  /** Shows the newest message. */
  onEnd: () => void;
  ref: (field: HTMLTextAreaElement) => void;
}

export function ChatComposer(props: ChatComposerProps) {
  const feed = useFeed();
  const viewer = useViewer();
  // oxlint-disable-next-line solid/reactivity -- the page is recreated for every chat
  holdDraft(viewer().id, props.chatId);
  const isRoom = () => props.chat?.kind === 'ROOM';
  const completion = createMentionCompletion({
    roomId: () => (isRoom() ? props.chatId : null),
    canMentionRoom: () => !!props.chat?.viewerCan.includes('MENTION_ROOM'),
  });
  const sayTyping = createTyping();
  const isPhone = createMediaQuery('(width < 48rem)');
  const [remark, setRemark] = createSignal<string | null>(null);

  const placeholder = () => {
    // A placeholder of two lines would make the empty box higher.
    if (isPhone()) return composerWords().shortPlaceholder;
    if (isRoom()) return composerWords().roomPlaceholder(titleOf(props.chat ?? { title: null }));
    return composerWords().placeholder(props.chat?.agent?.name ?? '');
  };

  async function say(content: string) {
    setRemark(null);
    const target = replyTargetIn(props.chatId);
    setReplyTarget(props.chatId, undefined);
    const words = await send(feed, viewer().id, props.chatId, content, { reply: target && replyTo(target) });
    if (!words) return;
    returnToDraft(viewer().id, props.chatId, content);
    setRemark(words);
  }

  function clearReply(): boolean {
    const hadTarget = !!replyTargetIn(props.chatId);
    setReplyTarget(props.chatId, undefined);
    return hadTarget;
  }

  createCommands([
    {
      id: 'clear-reply',
      label: () => keyWords().clearReply,
      keys: 'escape',
      isLocal: true,
      isEnabled: () => !!replyTargetIn(props.chatId),
    },
  ]);

  return (
    <>
      <Show when={remark()}>{(words) => <Notice tone="warning">{words()}</Notice>}</Show>
      <Composer
        ref={props.ref}
        text={draftOf(viewer().id, props.chatId)}
        onText={(text) => {
          keepDraft(viewer().id, props.chatId, text);
          if (isRoom() && text.trim()) sayTyping(props.chatId);
        }}
        onSend={(text) => void say(text)}
        onStop={() => props.onStop()}
        onEditLast={() => props.onEditLast()}
        onLeave={() => props.onLeave()}
        onEscape={clearReply}
        completion={completion}
        onEnd={() => props.onEnd()}
        above={
          <Show when={replyTargetIn(props.chatId)}>
            {(message) => <ReplyStrip message={message()} onClear={clearReply} />}
          </Show>
        }
        isRunning={props.isRunning}
        isAutofocused
        placeholder={placeholder()}
        picker={
          <Show when={!isRoom()}>
            <AgentPicker
              chosenId={props.chat?.chosenAgent?.id ?? null}
              name={props.chat?.agent?.name ?? ''}
              onChoose={(agentId) => void props.actions.chooseAgent({ id: props.chatId }, agentId)}
            />
          </Show>
        }
      />
    </>
  );
}

function replyTo(message: Message) {
  return { id: message.id, name: nameOf(message), words: effectiveContent(message).slice(0, 200) };
}

/** Above the text: what it will reply to. */
function ReplyStrip(props: { message: Message; onClear: () => void }) {
  return (
    <div class="flex items-center gap-2 border-b border-line py-0.5 pr-1 pl-4" data-reply>
      <QuoteLine
        name={threadWords().replyingTo(nameOf(props.message))}
        words={effectiveContent(props.message).slice(0, 200)}
      />
      <IconButton label={threadWords().clearReply} onClick={() => props.onClear()}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
