import { createMemo, on } from 'solid-js';
import { t } from '../i18n';
import { chatWords } from './words';
import { Button } from '../ui/button';
import { fieldOf } from '../ui/create-submission';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import type { Chat } from '../store/chat-fragments';

interface RenameDialogProps {
  chat: Pick<Chat, 'id' | 'title'> | null;
  onClose: () => void;
  onRename: (title: string) => void;
}

export function RenameDialog(props: RenameDialogProps) {
  // As it was when the dialog opened: a title that the model makes meanwhile does not replace what is being typed.
  const chatId = createMemo(() => props.chat?.id);
  const titleAtFirst = createMemo(on(chatId, () => props.chat?.title ?? ''));

  function rename(event: SubmitEvent) {
    event.preventDefault();
    const title = fieldOf(event.currentTarget as HTMLFormElement, 'title').trim();
    if (title && title !== props.chat?.title) props.onRename(title);
    props.onClose();
  }

  return (
    <Dialog isOpen={!!props.chat} onClose={props.onClose} title={chatWords().renameTitle} closeLabel={t().common.close}>
      <form class="flex flex-col gap-4 px-5 pb-4" onSubmit={rename}>
        <TextField
          label={chatWords().titleLabel}
          name="title"
          dir="auto"
          value={titleAtFirst()}
          maxlength="255"
          required
          autocomplete="off"
          ref={(input: HTMLInputElement) => setTimeout(() => input.select())}
        />
        <div class="flex justify-end gap-2">
          <Button onClick={() => props.onClose()}>{t().common.cancel}</Button>
          <Button type="submit" look="primary">
            {t().common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
