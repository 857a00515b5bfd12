import { markWords } from './words';

/** Beside the name of an agent, so that it is not taken for a person. */
export function AgentMark() {
  return (
    <span class="shrink-0 rounded border border-accent-line bg-accent-tint px-1 text-tiny font-medium text-accent">
      {markWords().agent}
    </span>
  );
}
