import * as Kobalte from '@kobalte/core/dropdown-menu';
import Check from 'lucide-solid/icons/check';
import type { Component, JSX } from 'solid-js';

interface MenuProps {
  /** The accessible name of the button that opens it. */
  label: string;
  trigger: JSX.Element;
  triggerClass: string;
  placement?: 'bottom-start' | 'bottom-end' | 'top-start' | 'top-end';
  children: JSX.Element;
}

const item =
  'flex min-h-8 items-center gap-2.5 rounded px-2 py-1 text-base outline-none select-none touch:min-h-11 data-highlighted:chosen data-disabled:opacity-50';

export const Menu: Component<MenuProps> = (props) => (
  <Kobalte.Root placement={props.placement ?? 'bottom-end'} gutter={4}>
    <Kobalte.Trigger class={props.triggerClass} aria-label={props.label} title={props.label}>
      {props.trigger}
    </Kobalte.Trigger>
    <Kobalte.Portal>
      <Kobalte.Content class="z-50 max-h-[60dvh] min-w-44 max-w-80 animate-[appear_100ms_ease-out] overflow-y-auto rounded-lg border border-line-strong bg-raised p-1 shadow-lift outline-none">
        {props.children}
      </Kobalte.Content>
    </Kobalte.Portal>
  </Kobalte.Root>
);

/** An item is chosen as the finger is lifted: the click that follows would reach what then lies there, such as a new dialog's button. */
function preventClick(event: TouchEvent) {
  // What scrolls the menu chooses nothing, and cannot be prevented.
  if (event.cancelable) event.preventDefault();
}

export const MenuItem: Component<{
  icon?: JSX.Element;
  isDangerous?: boolean;
  onSelect: () => void;
  children: JSX.Element;
}> = (props) => (
  <Kobalte.Item
    class={`${item} ${props.isDangerous ? 'text-danger' : 'text-ink'}`}
    onSelect={() => props.onSelect()}
    onTouchEnd={preventClick}
  >
    <span class={props.isDangerous ? 'text-danger' : 'text-ink-faint'} aria-hidden="true">
      {props.icon}
    </span>
    {props.children}
  </Kobalte.Item>
);

export const MenuSeparator: Component = () => <Kobalte.Separator class="mx-1 my-1 border-line" />;

export const MenuChoices: Component<{ value: string; onChoose: (value: string) => void; children: JSX.Element }> = (
  props,
) => (
  <Kobalte.RadioGroup value={props.value} onChange={(value) => props.onChoose(value)}>
    {props.children}
  </Kobalte.RadioGroup>
);

export const MenuChoice: Component<{ value: string; isDisabled?: boolean; children: JSX.Element }> = (props) => (
  <Kobalte.RadioItem
    class={`${item} text-ink`}
    value={props.value}
    disabled={props.isDisabled ?? false}
    closeOnSelect
    onTouchEnd={preventClick}
  >
    <span class="flex size-4 shrink-0 text-accent" aria-hidden="true">
      <Kobalte.ItemIndicator>
        <Check size={16} />
      </Kobalte.ItemIndicator>
    </span>
    <span class="min-w-0 flex-1">{props.children}</span>
  </Kobalte.RadioItem>
);
