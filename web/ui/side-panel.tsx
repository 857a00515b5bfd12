import * as Kobalte from '@kobalte/core/dialog';
import X from 'lucide-solid/icons/x';
import { Show, type JSX } from 'solid-js';

import { createMediaQuery } from '../browser/create-media-query';
import { t } from '../i18n';
import { IconButton } from './button';

interface SidePanelProps {
  label: string;
  title: string;
  onClose: () => void;
  children: JSX.Element;
}

/** Beside the page where it is wide enough; else a dialog over it, as wide as the screen. */
export function SidePanel(props: SidePanelProps) {
  const isNarrow = createNarrowScreen();
  return (
    <Show
      when={isNarrow()}
      fallback={
        <aside aria-label={props.label} class="flex h-full w-84 shrink-0 flex-col border-l border-line bg-panel">
          <PanelContent {...props} />
        </aside>
      }
    >
      <Sheet {...props} />
    </Show>
  );
}

/** Where panels stand over the page. */
export const createNarrowScreen = () => createMediaQuery('(width < 64rem)');

function Sheet(props: SidePanelProps) {
  const opener = document.activeElement;
  return (
    <Kobalte.Root open onOpenChange={(isOpen) => !isOpen && props.onClose()}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="fixed inset-0 z-40 bg-shade" />
        <Kobalte.Content
          aria-label={props.label}
          aria-modal="true"
          class="fixed inset-x-0 top-12 bottom-0 z-40 flex animate-[appear_120ms_ease-out] flex-col overflow-hidden rounded-t-xl border-t border-line-strong bg-panel shadow-lift outline-none"
          onCloseAutoFocus={(event) => {
            // Kobalte knows no trigger of this dialog.
            event.preventDefault();
            if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
          }}
        >
          <PanelContent {...props} />
        </Kobalte.Content>
      </Kobalte.Portal>
    </Kobalte.Root>
  );
}

function PanelContent(props: SidePanelProps) {
  return (
    <>
      <div class="flex h-12 shrink-0 items-center border-b border-line pr-2 pl-4">
        <h2 class="flex-1 font-semibold">{props.title}</h2>
        <IconButton label={t().common.close} onClick={() => props.onClose()}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      </div>
      <div class="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto px-4 py-4 pb-[max(1rem,env(safe-area-inset-bottom))]">
        {props.children}
      </div>
    </>
  );
}
