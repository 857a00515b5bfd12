import { chatMutation } from '../chats/schema.ts';
import { ChatLimitError, ForbiddenError } from '../errors.ts';
import { deleteChat } from './delete.ts';
import { restoreChat } from './restore.ts';

chatMutation('deleteChat', deleteChat, 'Deletes a chat; `restoreChat` brings it back. A running answer is stopped.', [
  ForbiddenError,
]);
chatMutation('restoreChat', restoreChat, 'Brings a deleted chat back.', [ChatLimitError, ForbiddenError]);
