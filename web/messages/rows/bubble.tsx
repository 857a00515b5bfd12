import type { JSX } from 'solid-js';
import { threadWords } from '../words';

/** The text of a person's message. */
export function Bubble(props: { children: JSX.Element }) {
  return (
    <div
      dir="auto"
      class="max-w-[85%] rounded-2xl rounded-br-md border border-accent-line bg-accent-tint px-4 py-2.5 text-read break-words whitespace-pre-wrap [overflow-wrap:anywhere]"
    >
      {props.children}
    </div>
  );
}

/** Stands where a message was deleted. */
export function Tombstone(props: { by?: string | undefined }) {
  return (
    <p class="rounded-lg border border-dashed border-line px-4 py-2 text-small text-ink-faint italic">
      {props.by ? threadWords().deletedBy(props.by) : threadWords().deleted}
    </p>
  );
}
