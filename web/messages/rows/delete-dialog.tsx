import { t } from '../../i18n';
import { ConfirmDialog } from '../../ui/dialog';
import { threadWords } from '../words';

interface DeleteDialogProps {
  isOpen: boolean;
  hint: string;
  onClose: () => void;
  onDelete: () => void;
}

/** Asks before a message is deleted. */
export function DeleteDialog(props: DeleteDialogProps) {
  return (
    <ConfirmDialog
      isOpen={props.isOpen}
      onClose={props.onClose}
      title={threadWords().deleteTitle}
      hint={props.hint}
      closeLabel={t().common.close}
      cancel={t().common.cancel}
      answer={t().common.delete}
      isDangerous
      onAnswer={() => {
        props.onClose();
        props.onDelete();
      }}
    />
  );
}
