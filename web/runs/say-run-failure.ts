import type { Run } from '../store/run';
import { runWords } from './words';

/** Why an answer has no end, in the reader's language. */
export function sayRunFailure(run: Pick<Run, 'failure' | 'provider'>): string {
  const code = run.failure?.code ?? 'INTERNAL';
  const external: Partial<Record<typeof code, string>> = run.provider === 'EXTERNAL' ? runWords().externalFailures : {};
  const words = external[code] ?? runWords().failures[code];
  return typeof words === 'string' ? words : words(`${run.provider}_API_KEY`);
}
