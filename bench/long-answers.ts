/** Texts as models write them, of a length that is asked for. The same every time. */

/** Headings, paragraphs, lists, code and small tables, at least this long and cut at a block's end. */
export function longAnswer(length: number): string {
  const sections: string[] = [];
  for (let written = 0; written < length;) {
    const next = section(sections.length + 1);
    sections.push(next);
    written += next.length + 2;
  }
  return sections.join('\n\n');
}

/** The same with what looks like a link definition: an index signature in code, and a real one at the end. */
export function withDefinitions(text: string): string {
  const types = '```ts\ninterface Ages {\n  [name: string]: number;\n}\n```';
  return `${types}\n\nSee [the manual][manual].\n\n${text}\n\n[manual]: https://example.org/manual`;
}

export function longTable(rows: number): string {
  const body = Array.from({ length: rows }, (_, index) => {
    const number = index + 1;
    return `| ${number} | item-${number} | **${number * 7} ms** | \`node-${number % 16}\` | Some words on row ${number}. |`;
  });
  return ['All of them:', '', '| # | name | time | where | remark |', '|--:|---|--:|---|---|', ...body].join('\n');
}

function section(number: number): string {
  return [
    `## Part ${number}: how the pieces fit together`,
    `${sentences(number, 5)} It is **worth knowing** that \`part${number}\` may be used from *anywhere*, see [the list](https://example.org/${number}).`,
    sentences(number + 3, 4),
    [1, 2, 3, 4].map((item) => `- Point ${item} of part ${number}: ${sentences(item, 1)}`).join('\n'),
    code(number),
    `| option | default | meaning |\n|---|---|---|\n| \`size\` | ${number} | How many are held at once |\n| \`wait\` | ${number * 10} ms | How long one waits |`,
    sentences(number + 5, 3),
    `1. Read part ${number}.\n2. Try it out.\n3. Measure before and after.`,
  ].join('\n\n');
}

function sentences(from: number, count: number): string {
  const known = [
    'A queue keeps the work in order when more arrives than can be done at once.',
    'Each worker takes the oldest job, and returns it if it cannot finish in time.',
    'The index is read far more often than it is written, so it stays in memory.',
    'When a connection is lost, the client asks again from the last position that it knows.',
    'Errors that can pass are tried again after a pause that grows with each attempt.',
    'What is measured in production differs from what is measured on a developer’s machine.',
    'A lock is held for as short a time as possible, and never across a network call.',
  ];
  return Array.from({ length: count }, (_, index) => known[(from + index) % known.length]).join(' ');
}

function code(number: number): string {
  return [
    '```ts',
    `export async function takePart${number}(queue: Queue<Job>, size = ${number}): Promise<Job[]> {`,
    '  const jobs: Job[] = [];',
    '  while (jobs.length < size) {',
    '    const job = await queue.take({ timeout: 1_000 });',
    '    if (!job) break;',
    "    if (job.state === 'cancelled') continue; // nobody waits for it",
    '    jobs.push({ ...job, startedAt: Date.now() });',
    '  }',
    '  return jobs.toSorted((a, b) => a.priority - b.priority);',
    '}',
    '```',
  ].join('\n');
}
