import type { ApiScope } from '../generated/graphql';
import { makeWords } from '../i18n';

export const tokenWords = makeWords({
  en: {
    newToken: 'New token',
    newTokenOf: (name: string) => `New token for ${name}`,
    makeToken: 'Make token',
    noTokens: 'You have no tokens.',
    tokenName: 'Name',
    tokenNameHint: 'What it is for.',
    tokenDays: 'Expires after',
    days: (count: number) => (count === 365 ? 'a year' : `${count} days`),
    tokenScopes: 'What it may do',
    noScope: 'Choose at least one.',
    tokenChats: 'Chats',
    allChats: 'All of mine',
    someChats: 'Only these',
    noChatChosen: 'Choose at least one chat.',
    noChats: 'You have no chats yet.',
    tokenRooms: 'Rooms',
    allRooms: 'All that it is in',
    noRoomChosen: 'Choose at least one room.',
    roomsHint: (name: string, hasAny: boolean) =>
      hasAny
        ? `The rooms that both you and ${name} are in.`
        : `There is no room that both you and ${name} are in. You can choose only among rooms that you are a member of.`,
    untitled: 'New chat',
    scopes: {
      READ_CHATS: { name: 'Read chats', hint: 'Chats, rooms, messages, agents and people that its owner sees.' },
      WRITE_CHATS: {
        name: 'Write in chats',
        hint: 'Send, edit and delete messages, and make and change private chats.',
      },
      RUN_AGENTS: { name: 'Ask agents', hint: 'Ask for other answers, and stop answers.' },
      MANAGE_ROOMS: { name: 'Manage rooms', hint: 'Make, join and leave rooms; their members, agents and links.' },
      READ_CONTEXTS: { name: 'Read contexts', hint: 'What agents are told first.' },
      WRITE_CONTEXTS: { name: 'Change contexts', hint: 'Change what agents are told first.' },
      READ_USAGE: { name: 'Read usage', hint: 'What was used, and what it cost.' },
      ACCOUNT: { name: 'Account', hint: 'The address, handle and preferences of its owner.' },
      ADMIN_AGENTS: { name: 'Administer agents', hint: 'Make and change agents.' },
      ADMIN_PEOPLE: { name: 'Administer people', hint: 'Disable, delete and limit accounts.' },
      ADMIN_AUDIT: { name: 'Read the audit log', hint: 'Who changed what.' },
    } satisfies Record<ApiScope, { name: string; hint: string }>,
    revokeToken: 'Revoke',
    revokeTokenOf: (name: string) => `Revoke ${name}`,
    copyNow: (name: string) => `This is the token “${name}”. Copy it now: it is shown this once.`,
    secret: 'Token',
    copySecret: 'Copy token',
    revokeTokenHint: 'Programs that use it are refused at once. This cannot be undone.',
    tokenRevoked: (name: string) => `“${name}” was revoked.`,
    neverExpires: 'never expires',
    expiresAt: (time: string) => `expires ${time}`,
    expiredAt: (time: string) => `expired ${time}`,
    neverUsed: 'never used',
    usedAt: (time: string, address: string) => `last used ${time} from ${address}`,
    /** `titles`: of those that the reader may know, a few. */
    boundToChats: (titles: readonly string[], count: number) => {
      if (titles.length === 0) return count === 1 ? 'Only one chat' : `Only ${count} chats`;
      const others = count - titles.length;
      return `Only ${titles.map((title) => `“${title}”`).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
    },
    boundToDocuments: (count: number) => (count === 1 ? 'Only one document' : `Only ${count} documents`),
  },
  ru: {
    newToken: 'Новый токен',
    newTokenOf: (name) => `Новый токен: ${name}`,
    makeToken: 'Создать токен',
    noTokens: 'У вас нет токенов.',
    tokenName: 'Название',
    tokenNameHint: 'Для чего он.',
    tokenDays: 'Срок действия',
    // Of the numbers that can be chosen.
    days: (count) => (count === 365 ? 'год' : `${count} дней`),
    tokenScopes: 'Что ему разрешено',
    noScope: 'Выберите хотя бы одно.',
    tokenChats: 'Чаты',
    allChats: 'Все мои',
    someChats: 'Только эти',
    noChatChosen: 'Выберите хотя бы один чат.',
    noChats: 'У вас ещё нет чатов.',
    tokenRooms: 'Комнаты',
    allRooms: 'Все, где он есть',
    noRoomChosen: 'Выберите хотя бы одну комнату.',
    roomsHint: (name, hasAny) =>
      hasAny
        ? `Комнаты, в которых есть и вы, и агент «${name}».`
        : `У вас и агента «${name}» нет общих комнат. Выбирать можно только из комнат, где вы участник.`,
    untitled: 'Новый чат',
    scopes: {
      READ_CHATS: {
        name: 'Читать чаты',
        hint: 'Чаты, комнаты, сообщения, агентов и людей, которых видит его владелец.',
      },
      WRITE_CHATS: {
        name: 'Писать в чатах',
        hint: 'Отправлять, править и удалять сообщения, создавать и менять личные чаты.',
      },
      RUN_AGENTS: { name: 'Спрашивать агентов', hint: 'Просить другие ответы и останавливать ответы.' },
      MANAGE_ROOMS: {
        name: 'Управлять комнатами',
        hint: 'Создавать комнаты, входить и выходить; участники, агенты и ссылки.',
      },
      READ_CONTEXTS: { name: 'Читать контексты', hint: 'То, что агентам сообщается сначала.' },
      WRITE_CONTEXTS: { name: 'Менять контексты', hint: 'Менять то, что агентам сообщается сначала.' },
      READ_USAGE: { name: 'Читать расход', hint: 'Сколько израсходовано и сколько это стоило.' },
      ACCOUNT: { name: 'Учётная запись', hint: 'Адрес, имя для упоминаний и настройки владельца.' },
      ADMIN_AGENTS: { name: 'Управлять агентами', hint: 'Создавать и менять агентов.' },
      ADMIN_PEOPLE: { name: 'Управлять людьми', hint: 'Отключать, удалять и ограничивать учётные записи.' },
      ADMIN_AUDIT: { name: 'Читать журнал', hint: 'Кто что изменил.' },
    },
    revokeToken: 'Отозвать',
    revokeTokenOf: (name) => `Отозвать: ${name}`,
    copyNow: (name) => `Это токен «${name}». Скопируйте его сейчас: он показывается один раз.`,
    secret: 'Токен',
    copySecret: 'Скопировать токен',
    revokeTokenHint: 'Программам с ним сразу будет отказано. Отменить это нельзя.',
    tokenRevoked: (name) => `Токен «${name}» отозван.`,
    neverExpires: 'бессрочный',
    expiresAt: (time) => `до ${time}`,
    expiredAt: (time) => `истёк ${time}`,
    neverUsed: 'не использовался',
    usedAt: (time, address) => `последний раз ${time} с адреса ${address}`,
    boundToChats: (titles, count) => {
      if (titles.length === 0) return `Только чаты: ${count}`;
      const others = count - titles.length;
      return `Только ${titles.map((title) => `«${title}»`).join(', ')}${others > 0 ? ` и ещё ${others}` : ''}`;
    },
    boundToDocuments: (count) => `Только документы: ${count}`,
  },
});
