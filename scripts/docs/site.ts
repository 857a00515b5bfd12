/** All files of /docs: the guides of docs/api, the reference of schema.graphql, and what they need. */
import { posix } from 'node:path';

import { buildSchema } from 'graphql';

import { type Menu, renderFrame } from './frame.ts';
import { type Page, readChangelog, readGuides, readText } from './guides.ts';
import { markup } from './markup.ts';
import { renderMarkdown, type ResolveLink } from './markdown.ts';
import { referenceMenu, renderReference } from './reference.ts';

/** Files that are served as they are, by where they are in the repository. */
const plainFiles: Record<string, string> = {
  'schema.graphql': '/docs/schema.graphql',
  'docs/api/released.graphql': '/docs/released.graphql',
};

export interface DocsSources {
  guides: readonly Page[];
  changelog: Page;
  /** As SDL. */
  schema: string;
  /** Rules of CSS for the fonts, which have names of their own in each build. */
  fonts: string;
}

export function readSources(fonts = ''): DocsSources {
  return { guides: readGuides(), changelog: readChangelog(), schema: readText('schema.graphql'), fonts };
}

/** By their path under the built web app, as `docs/paging.html`. */
export async function makeDocs({ guides, changelog, schema, fonts }: DocsSources): Promise<Map<string, string>> {
  const reference = await renderReference(buildSchema(schema));
  const menu: Menu = {
    guides,
    reference: [{ title: 'All names', address: '/docs/reference' }, ...referenceMenu],
    more: [changelog],
  };
  const written = [...guides, changelog];
  const prose = written.map(async (page) => ({
    ...page,
    body: await renderMarkdown(page.source, linksFrom(page, written)),
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
  for (const [file, address] of Object.entries(plainFiles))
    files.set(address.slice(1), file === 'schema.graphql' ? schema : readText(file));
  return files;
}

/** `/docs` and `/docs/reference` have pages below them. */
function fileOf(address: string): string {
  return address === '/docs' ? 'docs/index.html' : `${address.slice(1)}.html`;
}

/** A link to a file of the repository leads to its page here, and where there is none, nowhere. */
function linksFrom({ file }: Page, pages: readonly Page[]): ResolveLink {
  return (url) => {
    if (/^https?:/.test(url) || url.startsWith('#')) return url;
    const [path = '', fragment] = url.split('#');
    const target = posix.join(posix.dirname(file), path);
    const address = pages.find((page) => page.file === target)?.address ?? plainFiles[target];
    if (address === undefined) return null;
    return fragment === undefined ? address : `${address}#${fragment}`;
  };
}
