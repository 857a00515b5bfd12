import type { ChatFilter } from '../generated/graphql';
import { daysAgo } from '../i18n/format';
import type { Chat } from '../store/chat-fragments';
import { lastActivity } from './create-chat-list';

export interface ChatGroup {
  name: 'pinned' | 'rooms' | 'today' | 'yesterday' | 'earlier';
  chats: Chat[];
}

/** Under the headings of the list, without those that have none. */
export function inGroups(rooms: readonly Chat[], chats: readonly Chat[], filter: ChatFilter): ChatGroup[] {
  const groups: ChatGroup[] = [
    { name: 'pinned', chats: [] },
    { name: 'rooms', chats: [] },
    { name: 'today', chats: [] },
    { name: 'yesterday', chats: [] },
    { name: 'earlier', chats: [] },
  ];
  for (const chat of [...rooms, ...chats]) {
    const isPinned = !!chat.pinnedAt && filter === 'ACTIVE';
    if (chat.kind === 'ROOM' && !isPinned) groups[1]?.chats.push(chat);
    else groups[isPinned ? 0 : 2 + Math.min(2, Math.max(0, daysAgo(lastActivity(chat))))]?.chats.push(chat);
  }
  return groups.filter((group) => group.chats.length > 0);
}
