import { createUniqueId, Show, splitProps, type Component, type JSX } from 'solid-js';

export const inputShape =
  'w-full rounded-md border border-field bg-ground px-3 text-base text-ink transition-colors hover:border-ink-faint focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 disabled:opacity-60 aria-invalid:border-danger max-sm:text-[16px]';

interface Frame {
  label: string;
  hint?: string | undefined;
  /** What is wrong with the value, in words. */
  problem?: string | undefined;
}

const FieldFrame: Component<Frame & { id: string; children: JSX.Element }> = (props) => (
  <div class="flex flex-col gap-1.5">
    <label for={props.id} class="text-small font-medium text-ink-soft">
      {props.label}
    </label>
    {props.children}
    <Show when={props.problem ?? props.hint}>
      {(words) => (
        <p
          id={`${props.id}-note`}
          class="text-small"
          classList={{ 'text-danger': !!props.problem, 'text-ink-faint': !props.problem }}
        >
          {words()}
        </p>
      )}
    </Show>
  </div>
);

function noteOf(id: string, frame: Frame) {
  return {
    get 'aria-describedby'() {
      return frame.problem || frame.hint ? `${id}-note` : undefined;
    },
    get 'aria-invalid'() {
      return frame.problem ? true : undefined;
    },
  };
}

export const TextField: Component<Frame & JSX.InputHTMLAttributes<HTMLInputElement>> = (props) => {
  const id = createUniqueId();
  const [frame, rest] = splitProps(props, ['label', 'hint', 'problem']);
  return (
    <FieldFrame {...frame} id={id}>
      <input type="text" {...rest} {...noteOf(id, frame)} id={id} class={`${inputShape} h-9 touch:h-10`} />
    </FieldFrame>
  );
};

export const TextArea: Component<Frame & JSX.TextareaHTMLAttributes<HTMLTextAreaElement>> = (props) => {
  const id = createUniqueId();
  const [frame, rest] = splitProps(props, ['label', 'hint', 'problem', 'class']);
  return (
    <FieldFrame {...frame} id={id}>
      <textarea {...rest} {...noteOf(id, frame)} id={id} class={`${inputShape} py-2 leading-6 ${props.class ?? ''}`} />
    </FieldFrame>
  );
};

export const SelectField: Component<Frame & JSX.SelectHTMLAttributes<HTMLSelectElement>> = (props) => {
  const id = createUniqueId();
  const [frame, rest] = splitProps(props, ['label', 'hint', 'problem']);
  return (
    <FieldFrame {...frame} id={id}>
      <select {...rest} {...noteOf(id, frame)} id={id} class={`${inputShape} h-9 px-2! touch:h-10`} />
    </FieldFrame>
  );
};
