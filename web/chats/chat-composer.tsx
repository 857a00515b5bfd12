import { createSignal, Show } from 'solid-js';

import { AgentPicker } from '../agents/agent-picker';
import { useViewer } from '../auth/session';
import { useFeed } from '../feed/create-feed';
import { Composer } from '../messages/composer';
import { composerWords } from '../messages/words';
import { draftOf, holdDraft, keepDraft, returnToDraft } from '../messages/drafts';
import { send } from '../messages/outbox';
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
  ref: (field: HTMLTextAreaElement) => void;
}

export function ChatComposer(props: ChatComposerProps) {
  const feed = useFeed();
  const viewer = useViewer();
  // oxlint-disable-next-line solid/reactivity -- the page is made anew for every chat
  holdDraft(viewer().id, props.chatId);
  const isRoom = () => props.chat?.kind === 'ROOM';
  const [remark, setRemark] = createSignal<string | null>(null);

  async function say(content: string) {
    setRemark(null);
    const words = await send(feed, viewer().id, props.chatId, content);
    if (!words) return;
    returnToDraft(viewer().id, props.chatId, content);
    setRemark(words);
  }

  return (
    <>
      <Show when={remark()}>{(words) => <Notice tone="warning">{words()}</Notice>}</Show>
      <Composer
        ref={props.ref}
        text={draftOf(viewer().id, props.chatId)}
        onText={(text) => keepDraft(viewer().id, props.chatId, text)}
        onSend={(text) => void say(text)}
        onStop={() => props.onStop()}
        onEditLast={() => props.onEditLast()}
        onLeave={() => props.onLeave()}
        isRunning={props.isRunning}
        isAutofocused
        placeholder={
          isRoom()
            ? composerWords().roomPlaceholder(titleOf(props.chat ?? { title: null }))
            : composerWords().placeholder(props.chat?.agent?.name ?? '')
        }
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
