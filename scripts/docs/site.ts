/** All files of /docs: the guides of docs/api, the reference of schema.graphql, and what they need. */
import { posix } from 'node:path';

import { buildSchema } from 'graphql';

import { type Menu, renderFrame } from './frame.ts';
import { type Page, readChangelog, readExamples, readGuides, readText } from './guides.ts';
import { markup } from './markup.ts';
import { renderMarkdown, type ResolveLink } from './markdown.ts';
import { referenceMenu, renderReference } from './reference.ts';

/** The schema of the last release, from its guide to what stays. */
const RELEASED = 'docs/api/released.graphql';

export interface DocsSources {
  guides: readonly Page[];
  changelog: Page;
  /** As SDL. */
  schema: string;
  /** Programs that guides link to, by where they are in the repository. */
  examples: ReadonlyMap<string, string>;
  /** Rules of CSS for the fonts, which have names of their own in each build. */
  fonts: string;
}

export function readSources(fonts = ''): DocsSources {
  return {
    guides: readGuides(),
    changelog: readChangelog(),
    schema: readText('schema.graphql'),
    examples: readExamples(),
    fonts,
  };
}

/** By their path under the built web app, as `docs/paging.html`. */
export async function makeDocs(sources: DocsSources): Promise<Map<string, string>> {
  const { guides, changelog, schema, examples, fonts } = sources;
  const plain = new Map([...examples, ['schema.graphql', schema], [RELEASED, readText(RELEASED)]]);
  const reference = await renderReference(buildSchema(schema));
  const menu: Menu = {
    guides,
    reference: [{ title: 'All names', address: '/docs/reference' }, ...referenceMenu],
    more: [changelog],
  };
  const written = [...guides, changelog];
  const prose = written.map(async (page) => ({
    ...page,
    body: await renderMarkdown(page.source, linksFrom(page, written, plain)),
  }));
  const notFound = {
    title: 'Not found',
    address: null,
    body: markup`<h1>Not found</h1>
      <p>
        There is no such page. All that there are is in the menu and in <a href="/docs/reference">the reference</a>.
      </p>`,
  };
  const files = new Map<string, string>();
  for (const page of [...(await Promise.all(prose)), ...reference])
    files.set(fileOf(page.address), renderFrame(page, menu));
  files.set('docs/404.html', renderFrame(notFound, menu));
  files.set('docs/docs.css', [fonts, readText('web/ui/colors.css'), readText('scripts/docs/docs.css')].join('\n'));
  files.set('docs/docs.js', readText('scripts/docs/docs.js'));
  for (const [file, text] of plain) files.set(addressOfPlain(file).slice(1), text);
  return files;
}

/** `/docs` and `/docs/reference` have pages below them. */
function fileOf(address: string): string {
  return address === '/docs' ? 'docs/index.html' : `${address.slice(1)}.html`;
}

/** Of a file that is served as it is: `/docs/schema.graphql`, `/docs/examples/program.ts`. */
function addressOfPlain(file: string): string {
  return `/docs/${file.replace(/^docs\/(api\/)?/, '')}`;
}

/** A link to a file of the repository leads to its page here, and where there is none, nowhere. */
function linksFrom({ file }: Page, pages: readonly Page[], plain: ReadonlyMap<string, string>): ResolveLink {
  return (url) => {
    if (/^https?:/.test(url) || url.startsWith('#')) return url;
    const [path = '', fragment] = url.split('#');
    const target = posix.join(posix.dirname(file), path);
    const page = pages.find((each) => each.file === target);
    const address = page?.address ?? (plain.has(target) ? addressOfPlain(target) : undefined);
    if (address === undefined) return null;
    return fragment === undefined ? address : `${address}#${fragment}`;
  };
}
