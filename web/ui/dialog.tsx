import * as Kobalte from '@kobalte/core/dialog';
import X from 'lucide-solid/icons/x';
import { createRenderEffect, createSignal, Show, type Component, type JSX } from 'solid-js';

import { t } from '../i18n';
import { Button, IconButton } from './button';

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  hint?: string | undefined;
  closeLabel: string;
  isTitleHidden?: boolean;
  /** Asks before it gives up what was typed in it. A button of its own that cancels asks nothing. */
  keepsInput?: boolean;
  class?: string;
  children?: JSX.Element;
}

const frame =
  'fixed inset-x-0 top-[12vh] z-50 mx-auto flex max-h-[76dvh] w-[min(32rem,calc(100vw-2rem))] animate-[appear_120ms_ease-out] flex-col overflow-hidden rounded-xl border border-line-strong bg-raised shadow-lift';

export const Dialog: Component<DialogProps> = (props) => {
  let opener: HTMLElement | null = null;
  let hasInput = false;
  const [isAsking, setAsking] = createSignal(false);
  createRenderEffect(() => {
    if (!props.isOpen) return;
    opener = openerNow();
    hasInput = false;
  });

  function close() {
    if (props.keepsInput && hasInput) setAsking(true);
    else props.onClose();
  }

  return (
    <Kobalte.Root open={props.isOpen} onOpenChange={(isOpen) => !isOpen && close()}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="fixed inset-0 z-50 bg-shade" />
        <Kobalte.Content
          class={`${frame} ${props.class ?? ''}`}
          onInput={() => (hasInput = true)}
          onCloseAutoFocus={(event) => {
            // Kobalte knows no trigger of this dialog. Where something else has the focus by now, it keeps it.
            if (!event.defaultPrevented && opener?.isConnected) opener.focus({ preventScroll: true });
            event.preventDefault();
          }}
        >
          <Kobalte.Title
            class="text-base leading-8 font-semibold touch:leading-10"
            classList={{ 'sr-only': props.isTitleHidden, 'pt-4 pr-16 pb-2 pl-5': !props.isTitleHidden }}
          >
            {props.title}
          </Kobalte.Title>
          <Show when={props.hint}>
            <Kobalte.Description class="px-5 pb-2 text-ink-soft">{props.hint}</Kobalte.Description>
          </Show>
          {props.children}
          {/* Last, so that the focus begins at the first field or answer. */}
          <Show when={!props.isTitleHidden}>
            <Kobalte.CloseButton as={IconButton} label={props.closeLabel} class="absolute top-4 right-5">
              <X size={16} aria-hidden="true" />
            </Kobalte.CloseButton>
          </Show>
        </Kobalte.Content>
      </Kobalte.Portal>
      <Show when={isAsking()}>
        <DiscardDialog onClose={() => setAsking(false)} onDiscard={props.onClose} />
      </Show>
    </Kobalte.Root>
  );
};

function DiscardDialog(props: { onClose: () => void; onDiscard: () => void }) {
  return (
    <ConfirmDialog
      isOpen
      onClose={props.onClose}
      title={t().common.discardTitle}
      closeLabel={t().common.close}
      cancel={t().common.keepEditing}
      answer={t().common.discard}
      isDangerous
      onAnswer={() => {
        props.onClose();
        props.onDiscard();
      }}
    />
  );
}

/** What has the focus; in a menu, which is about to close, the button that opened it. */
function openerNow(): HTMLElement | null {
  const focused = document.activeElement;
  const menu = focused?.closest('[role="menu"]');
  const opener = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : focused;
  return opener instanceof HTMLElement ? opener : null;
}

interface ConfirmDialogProps extends Omit<DialogProps, 'children'> {
  answer: string;
  cancel: string;
  isDangerous?: boolean;
  onAnswer: () => void;
}

/** Asks before something is lost. */
export const ConfirmDialog: Component<ConfirmDialogProps> = (props) => (
  <Dialog {...props}>
    <div class="flex justify-end gap-2 px-5 pt-2 pb-4">
      <Button onClick={() => props.onClose()}>{props.cancel}</Button>
      <Button look={props.isDangerous ? 'danger' : 'primary'} onClick={() => props.onAnswer()}>
        {props.answer}
      </Button>
    </div>
  </Dialog>
);
