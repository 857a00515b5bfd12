import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { noKeyWords } from './words';

/** Who answers instead of a model, and how to change it. */
export function NoModelKey() {
  return (
    <p role="note" class="flex items-start gap-2 px-1 text-tiny text-ink-faint">
      <TriangleAlert size={12} class="mt-0.5 shrink-0 text-warning" aria-hidden="true" />
      <span>
        <span class="text-ink-soft">{noKeyWords().title}</span> {noKeyWords().hint}
      </span>
    </p>
  );
}
