import type { Token } from './highlight';
import type { HighlightAnswer, HighlightRequest } from './highlight-worker';

let worker: Worker | undefined;
let lastTurn = Promise.resolve();

/**
 * Colours code without holding up the page, and gives each line's pieces, some lines at a time. One code follows the other, so
 * that those no longer wanted by then cost nothing.
 */
export function highlightInWorker(
  request: HighlightRequest,
  onLines: (lines: Token[][]) => void,
  isWanted: () => boolean,
): void {
  // Plain code is code too, where there are no workers.
  lastTurn = lastTurn.then(() => (isWanted() ? ask(request, onLines) : undefined)).catch(() => undefined);
}

function ask(request: HighlightRequest, onLines: (lines: Token[][]) => void): Promise<void> {
  return new Promise((resolve) => {
    worker ??= new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<HighlightAnswer>) => (data ? onLines(data) : resolve());
    // It could not be loaded, as without a connection: the next code tries it again.
    worker.onerror = () => {
      worker?.terminate();
      worker = undefined;
      resolve();
    };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
    worker.postMessage(request);
  });
}
