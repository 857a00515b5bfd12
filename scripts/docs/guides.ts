/** The guides of docs/api. A file that is added there is one without being named anywhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { linksOf, titleOf } from './markdown.ts';

const ROOT = new URL('../../', import.meta.url);
const FOLDER = 'docs/api';

export interface Page {
  title: string;
  /** As `/docs/paging`. */
  address: string;
  /** Its file in the repository. */
  file: string;
  source: string;
}

/** Of the repository. */
export function readText(file: string): string {
  return readFileSync(new URL(file, ROOT), 'utf8');
}

/** The index first, and the others in the order in which it names them; those that it does not name come last. */
export function readGuides(): Page[] {
  const names = readdirSync(new URL(FOLDER, ROOT)).filter((name) => name.endsWith('.md'));
  const index = readText(`${FOLDER}/README.md`);
  const order = ['README.md', ...linksOf(index)];
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return names
    .toSorted((one, other) => place(one) - place(other) || one.localeCompare(other))
    .map((name) => pageOf(`${FOLDER}/${name}`, name === 'README.md' ? '/docs' : `/docs/${name.slice(0, -3)}`));
}

export function readChangelog(): Page {
  return pageOf('CHANGELOG.md', '/docs/changelog');
}

/** Programs that are too long for a guide, by their file. */
export function readExamples(): Map<string, string> {
  const folder = 'docs/examples';
  if (!existsSync(new URL(folder, ROOT))) return new Map();
  const files = readdirSync(new URL(folder, ROOT), { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ name }) => [`${folder}/${name}`, readText(`${folder}/${name}`)]));
}

function pageOf(file: string, address: string): Page {
  const source = readText(file);
  return { title: titleOf(source), address, file, source };
}
