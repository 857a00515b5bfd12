import { useNavigate, useParams } from '@solidjs/router';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { perform } from '../graphql/perform';
import { t } from '../i18n';
import { createRoomActions } from '../rooms/create-room-actions';
import { chatWords } from './words';
import { toast } from '../ui/toasts';
import { chatPath, newChatPath, type Chat, titleOf } from '../store/chat-fragments';

const UpdateChat = graphql(`
  mutation UpdateChat($input: UpdateChatInput!) {
    updateChat(input: $input) {
      __typename
      ... on UpdateChatPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const PinChat = graphql(`
  mutation PinChat($input: PinChatInput!) {
    pinChat(input: $input) {
      __typename
      ... on PinChatPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const UnpinChat = graphql(`
  mutation UnpinChat($input: UnpinChatInput!) {
    unpinChat(input: $input) {
      __typename
      ... on UnpinChatPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const ArchiveChat = graphql(`
  mutation ArchiveChat($input: ArchiveChatInput!) {
    archiveChat(input: $input) {
      __typename
      ... on ArchiveChatPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const UnarchiveChat = graphql(`
  mutation UnarchiveChat($input: UnarchiveChatInput!) {
    unarchiveChat(input: $input) {
      __typename
      ... on UnarchiveChatPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const DeleteChat = graphql(`
  mutation DeleteChat($input: DeleteChatInput!) {
    deleteChat(input: $input) {
      __typename
      ... on DeleteChatPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const RestoreChat = graphql(`
  mutation RestoreChat($input: RestoreChatInput!) {
    restoreChat(input: $input) {
      __typename
      ... on RestoreChatPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

/** What one does with a chat as a whole. A failure is said in passing; each returns whether it was done. */
export function createChatActions() {
  const feed = useFeed();
  const { client } = feed;
  const rooms = createRoomActions();
  const navigate = useNavigate();
  const params = useParams<{ id?: string }>();
  const isOpen = (chat: Pick<Chat, 'id'>) => params.id === chat.id;

  async function rename({ id, kind }: Pick<Chat, 'id' | 'kind'>, title: string) {
    if (kind === 'ROOM') return rooms.update({ id, title });
    return isDone(await perform(client, UpdateChat, { input: { id, title } }));
  }

  async function chooseAgent({ id }: Pick<Chat, 'id'>, agentId: string | null) {
    return isDone(await perform(client, UpdateChat, { input: { id, agentId } }));
  }

  async function togglePin({ id, pinnedAt }: Pick<Chat, 'id' | 'pinnedAt'>) {
    const input = { id };
    return isDone(pinnedAt ? await perform(client, UnpinChat, { input }) : await perform(client, PinChat, { input }));
  }

  async function archive(chat: Chat) {
    const wasOpen = isOpen(chat);
    if (!isDone(await perform(client, ArchiveChat, { input: { id: chat.id } }))) return;
    const undo = async () => (await unarchive(chat)) && wasOpen && navigate(chatPath(chat.id));
    toast(chatWords().archivedToast(titleOf(chat)), { label: t().common.undo, run: () => void undo() });
    leave(chat);
  }

  async function unarchive({ id }: Pick<Chat, 'id'>) {
    return isDone(await perform(client, UnarchiveChat, { input: { id } }));
  }

  async function remove(chat: Chat) {
    const wasOpen = isOpen(chat);
    if (!isDone(await perform(client, DeleteChat, { input: { id: chat.id } }))) return;
    const undo = async () => (await restore(chat)) && wasOpen && navigate(chatPath(chat.id));
    toast(chatWords().deletedToast(titleOf(chat)), { label: t().common.undo, run: () => void undo() });
    leave(chat);
  }

  async function restore({ id }: Pick<Chat, 'id'>) {
    return isDone(await perform(client, RestoreChat, { input: { id } }));
  }

  function isDone(done: { payload: { chat: Chat } } | { payload: null; words: string }): boolean {
    if (done.payload) feed.putMutation(done.payload.chat);
    else toast(done.words);
    return !!done.payload;
  }

  function leave(chat: Chat) {
    if (isOpen(chat)) navigate(window.matchMedia('(width < 48rem)').matches ? '/chat' : newChatPath);
  }

  return { rename, chooseAgent, togglePin, archive, unarchive, remove, restore };
}

export type ChatActions = ReturnType<typeof createChatActions>;
