import { createUniqueId, For, type JSX } from 'solid-js';

interface ChoiceProps<Value extends string> {
  label: string;
  options: readonly { value: Value; label: string }[];
  value: Value;
  onChoose: (value: Value) => void;
  isLabelHidden?: boolean;
}

/** A few options side by side, of which one holds: radio buttons that look like one control. */
export function Choice<Value extends string>(props: ChoiceProps<Value>): JSX.Element {
  const name = createUniqueId();
  return (
    <fieldset class="flex flex-col gap-1.5">
      <legend
        class="float-left mb-1.5 text-small font-medium text-ink-soft"
        classList={{ 'sr-only': props.isLabelHidden }}
      >
        {props.label}
      </legend>
      <div class="flex w-full gap-0.5 rounded-md border border-line bg-panel p-0.5">
        <For each={props.options}>
          {(option) => (
            <label class="relative flex h-7 flex-1 touch:h-10 cursor-pointer items-center justify-center rounded px-2 text-small whitespace-nowrap text-ink-soft transition-colors hover:text-ink has-checked:bg-hover has-checked:text-ink has-checked:shadow-[inset_0_0_0_1px_var(--field)] has-focus-visible:outline-2 has-focus-visible:outline-accent">
              <input
                type="radio"
                class="absolute inset-0 cursor-pointer opacity-0"
                name={name}
                value={option.value}
                checked={props.value === option.value}
                onChange={() => props.onChoose(option.value)}
              />
              {option.label}
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
