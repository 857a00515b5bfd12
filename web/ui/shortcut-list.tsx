import { For, Show } from 'solid-js';
import { t } from '../i18n';
import { keyWords } from './words';
import { commands, keysOf } from './commands';
import { Dialog } from './dialog';
import { Keys } from './keys';

export default function ShortcutList(props: { isOpen: boolean; onClose: () => void }) {
  const withKeys = () => commands().filter((each) => keysOf(each).length > 0);
  return (
    <Dialog isOpen={props.isOpen} onClose={props.onClose} title={keyWords().title} closeLabel={t().common.close}>
      <ul class="overflow-y-auto px-5 pb-4">
        <For each={withKeys()}>
          {(command) => (
            <li class="flex items-center justify-between gap-4 border-t border-line py-2 first:border-0">
              {command.label()}
              <span class="flex shrink-0 flex-wrap items-center justify-end gap-x-2 gap-y-1 text-small text-ink-faint">
                <For each={keysOf(command)}>
                  {(keys, index) => (
                    <>
                      <Show when={index() > 0}>{keyWords().or}</Show>
                      <Keys keys={keys} />
                    </>
                  )}
                </For>
              </span>
            </li>
          )}
        </For>
      </ul>
    </Dialog>
  );
}
