import { For } from 'solid-js';
import { t } from '../i18n';
import { commands } from './commands';
import { Dialog } from './dialog';
import { Keys } from './keys';

export default function ShortcutList(props: { isOpen: boolean; onClose: () => void }) {
  const withKeys = () => commands().flatMap(({ keys, label }) => (keys ? [{ keys, label }] : []));
  return (
    <Dialog isOpen={props.isOpen} onClose={props.onClose} title={t().keys.title} closeLabel={t().common.close}>
      <ul class="overflow-y-auto px-5 pb-4">
        <For each={withKeys()}>
          {(command) => (
            <li class="flex items-center justify-between gap-4 border-t border-line py-2 first:border-0">
              {command.label()}
              <Keys keys={command.keys} />
            </li>
          )}
        </For>
      </ul>
    </Dialog>
  );
}
