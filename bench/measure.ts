/** Times in milliseconds, and the table they end in. */

export interface Measure {
  what: string;
  result: string;
  goal: string;
  isMet: boolean;
}

export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export function tableOf(measures: readonly Measure[]): string {
  const rows = measures.map(
    ({ what, result, goal, isMet }) => `| ${what} | ${result} | ${goal} | ${isMet ? 'met' : 'missed'} |`,
  );
  return ['| measure | result | goal | |', '|---|---|---|---|', ...rows].join('\n');
}
