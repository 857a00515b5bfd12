import { Key } from '@solid-primitives/keyed';
import Search from 'lucide-solid/icons/search';
import { createMemo, createSignal, createUniqueId, Show } from 'solid-js';
import { t } from '../i18n';
import { keyWords } from './words';
import { isComposing } from '../browser/composing';
import { Dialog } from './dialog';
import { Keys } from './keys';

export interface PaletteEntry {
  id: string;
  label: string;
  group: string;
  keys?: string | undefined;
  run: () => void;
}

interface PaletteProps {
  isOpen: boolean;
  onClose: () => void;
  entries: readonly PaletteEntry[];
  onSearch: (text: string) => void;
}

/** One field for everything: what is typed narrows the entries, the arrows choose, Enter runs. */
export default function Palette(props: PaletteProps) {
  const listId = createUniqueId();
  const [text, setText] = createSignal('');
  // By its id, since entries come and go while one looks at them; until one chooses, the first.
  const [chosenId, setChosenId] = createSignal<string | null>(null);
  const found = createMemo(() => {
    const wanted = text().trim().toLocaleLowerCase();
    return props.entries.filter((entry) => entry.label.toLocaleLowerCase().includes(wanted));
  });
  const chosen = () =>
    Math.max(
      0,
      found().findIndex(({ id }) => id === chosenId()),
    );

  function search(value: string) {
    setText(value);
    setChosenId(null);
    props.onSearch(value);
  }

  function run(entry: PaletteEntry | undefined) {
    if (!entry) return;
    props.onClose();
    search('');
    // The dialog gives the focus back first; what runs may want it elsewhere.
    setTimeout(entry.run);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosenId(found().at((chosen() + step) % found().length)?.id ?? null);
      document.getElementById(`${listId}-${chosen()}`)?.scrollIntoView({ block: 'nearest' });
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      run(found()[chosen()]);
    }
  }

  return (
    <Dialog
      isOpen={props.isOpen}
      onClose={() => {
        search('');
        props.onClose();
      }}
      title={keyWords().palette}
      closeLabel={t().common.close}
      isTitleHidden
    >
      <div class="flex items-center gap-3 border-b border-field px-4">
        <Search size={16} class="text-ink-faint" aria-hidden="true" />
        <input
          dir="auto"
          class="h-12 flex-1 bg-transparent outline-none"
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={listId}
          aria-activedescendant={found().length > 0 ? `${listId}-${chosen()}` : undefined}
          aria-label={keyWords().paletteField}
          placeholder={keyWords().paletteField}
          value={text()}
          onInput={(event) => search(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      <Show when={found().length === 0}>
        <p class="px-4 py-8 text-center text-ink-faint">{keyWords().paletteNone}</p>
      </Show>
      <ul id={listId} role="listbox" aria-label={keyWords().palette} class="max-h-[50dvh] overflow-y-auto p-1.5">
        <Key each={found()} by="id">
          {(entry, index) => (
            <li
              id={`${listId}-${index()}`}
              role="option"
              aria-selected={index() === chosen()}
              class="flex h-9 items-center gap-3 rounded-md px-2.5 touch:h-11 aria-selected:chosen"
              onPointerMove={() => setChosenId(entry().id)}
              onClick={() => run(entry())}
            >
              <span dir="auto" class="min-w-0 flex-1 truncate">
                {entry().label}
              </span>
              <Show when={entry().keys} fallback={<span class="text-tiny text-ink-faint">{entry().group}</span>}>
                {(keys) => <Keys keys={keys()} />}
              </Show>
            </li>
          )}
        </Key>
      </ul>
    </Dialog>
  );
}
