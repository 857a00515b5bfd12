/** What the commands write: lines for people on standard output, and what is amiss or going on beside it. */
import { stat } from 'node:fs/promises';
import { stderr, stdout } from 'node:process';
import type { WriteStream } from 'node:tty';

import { type Ignored, placeText } from '../recovery/log-error.ts';
import type { Progress } from '../recovery/verify.ts';

export const say = (line: string) => void stdout.write(`${line}\n`);
export const warn = (line: string) => void stderr.write(`${line}\n`);
export const warnInRed = (line: string) => warn(colored(line, 'red', stderr));

export function warnIgnored({ place, why }: Ignored): void {
  warn(`Ignored: ${placeText(place)}: ${why}.`);
}

/** Whoever reads the output may have enough of it, as `head` does: that is no failure. */
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34 };

/** `stream`: where it is written to. Plain where that is no terminal, or NO_COLOR is set. */
export function colored(
  text: string,
  color: keyof typeof codes,
  stream: Pick<WriteStream, 'isTTY' | 'hasColors'> = stdout,
): string {
  return stream.isTTY && stream.hasColors() ? `\u001b[${codes[color]}m${text}\u001b[0m` : text;
}

const WIDTH = 30;
const REDRAW_MS = 100;

/** A bar on a terminal, by bytes of the files; nothing where the output goes elsewhere. */
export function progressBar(what: string): { show: Progress; clear: () => void } {
  if (!stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  const sizes = new Map<string, number>();
  let drawnAt = 0;
  const show: Progress = (log, { file, offset }) => {
    if (performance.now() - drawnAt < REDRAW_MS) return;
    drawnAt = performance.now();
    for (const { path } of log.main)
      if (!sizes.has(path)) {
        sizes.set(path, 1);
        stat(path).then(
          ({ size }) => sizes.set(path, Math.max(1, size)),
          () => undefined,
        );
      }
    const before = log.main
      .slice(
        0,
        log.main.findIndex(({ path }) => path === file),
      )
      .map(({ path }) => sizes.get(path) ?? 1);
    const total = log.main.reduce((sum, { path }) => sum + (sizes.get(path) ?? 1), 0);
    const done = before.reduce((sum, size) => sum + size, 0) + Math.min(offset, sizes.get(file) ?? 1);
    const share = Math.min(1, done / total);
    const full = Math.round(share * WIDTH);
    stderr.write(`\r${what} [${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${Math.floor(share * 100)} %\u001b[K`);
  };
  return { show, clear: () => void stderr.write('\r\u001b[K') };
}
