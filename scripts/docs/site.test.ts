/** The pages of /docs as they are made, before anything serves them. */
import { existsSync } from 'node:fs';

import { buildSchema, isIntrospectionType } from 'graphql';
import { describe, expect, test } from 'vitest';

import { type DocsSources, makeDocs, readSources } from './site.ts';

const sources = readSources();
const docs = await makeDocs(sources);
const pages = [...docs].filter(([file]) => file.endsWith('.html'));

function idsOf(page: string): string[] {
  return [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);
}

function pageAt(address: string): string | undefined {
  return docs.get(`${address.slice(1)}.html`) ?? docs.get(`${address.slice(1)}/index.html`);
}

async function madeWith(change: Partial<DocsSources>): Promise<Map<string, string>> {
  return makeDocs({ ...sources, ...change });
}

describe('the pages', () => {
  test('link to nothing that is not there', () => {
    const broken: string[] = [];
    let links = 0;
    for (const [file, page] of pages) {
      const ids = idsOf(page);
      for (const [, url = ''] of page.matchAll(/<a [^>]*href="([^"]+)"/g)) {
        links += 1;
        const [address = '', fragment] = url.split('#');
        if (url.startsWith('https://') || url === '/' || url === '/graphql') continue;
        const target = address === '' ? page : (pageAt(address) ?? docs.get(address.slice(1)));
        const isThere = target !== undefined && (fragment === undefined || idsOf(target).includes(fragment));
        if (!isThere) broken.push(`${file}: ${url}`);
      }
      expect(ids, file).toEqual([...new Set(ids)]);
    }
    expect(links).toBeGreaterThan(2000);
    expect(broken).toEqual([]);
  });

  test('load files of Confab alone, and have nothing inline', () => {
    for (const [file, page] of pages) {
      const loaded = [...page.matchAll(/<(?:script|link|img)[^>]* (?:src|href)="([^"]+)"/g)].map(([, url]) => url);
      expect(new Set(loaded), file).toEqual(new Set(['/favicon.svg', '/docs/docs.css', '/theme.js', '/docs/docs.js']));
      expect(page, file).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+="|<iframe|<object/);
    }
    for (const file of ['favicon.svg', 'theme.js']) expect(existsSync(`web/public/${file}`), file).toBe(true);
    expect(docs.get('docs/docs.css')).not.toMatch(/@import|url\(/);
  });

  test('have every guide, in the order of the index', () => {
    const menu = /Guides([^]*?)<\/ul>/.exec(docs.get('docs/index.html') ?? '')?.[1] ?? '';
    const titles = [...menu.matchAll(/>([^<>]+)<\/a>/g)].map(([, title]) => title);
    expect(titles.slice(0, 3)).toEqual(['The API', 'First request', 'Tokens']);
    expect(titles).toHaveLength(sources.guides.length);
  });

  test('have a guide that is added, by its first heading', async () => {
    const guide = {
      title: 'Talking to whales',
      address: '/docs/whales',
      file: 'docs/api/whales.md',
      source:
        '# Talking to whales\n\nAs [streams](streaming.md#resuming) do, <b>loud</b>. [Rooms](../rooms.md). [Song](../examples/song.ts).\n',
    };
    const examples = new Map([['docs/examples/song.ts', 'sing();']]);
    const made = await madeWith({ guides: [...sources.guides, guide], examples });
    const page = made.get('docs/whales.html');
    expect(page).toContain('<h1>Talking to whales</h1>');
    expect(page).toContain('<a href="/docs/streaming#resuming">streams</a>');
    // A file that is not among the pages is not linked, and HTML is no HTML.
    expect(page).toContain('do, loud. <span>Rooms</span>.');
    expect(page).toContain('<a href="/docs/examples/song.ts">Song</a>');
    expect(made.get('docs/examples/song.ts')).toBe('sing();');
    expect(made.get('docs/index.html')).toContain('<a href="/docs/whales">Talking to whales</a>');
  });

  test('colour the programs', () => {
    expect(docs.get('docs/first-request.html')).toMatch(/<span class="code-\w+">/);
  });
});

describe('the reference', () => {
  const schema = buildSchema(sources.schema);

  test('has every root field and type in one place, and each field, value and argument with its description', () => {
    const reference = pages.filter(([file]) => file.startsWith('docs/reference/'));
    const ids = reference.flatMap(([, page]) => idsOf(page));
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    for (const [index, kind] of ['queries', 'mutations', 'subscriptions'].entries()) {
      const fields = Object.keys(roots[index]?.getFields() ?? {});
      expect(fields.length).toBeGreaterThan(2);
      expect(idsOf(docs.get(`docs/reference/${kind}.html`) ?? '')).toEqual(expect.arrayContaining(fields));
    }
    const types = Object.values(schema.getTypeMap())
      .filter((type) => !isIntrospectionType(type) && !roots.some((root) => root === type))
      .map(({ name }) => name);
    expect(types.length).toBeGreaterThan(250);
    expect(types.filter((name) => ids.filter((id) => id === name).length !== 1)).toEqual([]);
    expect(ids).toEqual(expect.arrayContaining(['Chat.title', 'ErrorCode.CHAT_LIMIT', 'SendMessageInput.content']));
    expect(docs.get('docs/reference/objects.html')).toContain('What it is good for. May be empty.');
  });

  test('says which scope each root field needs', () => {
    for (const kind of ['queries', 'mutations', 'subscriptions']) {
      const entries = (docs.get(`docs/reference/${kind}.html`) ?? '').split('<section class="entry"').slice(1);
      expect(entries.filter((entry) => !entry.includes('<span class="scope">'))).toEqual([]);
    }
    expect(docs.get('docs/reference/mutations.html')).not.toContain('Scope of a token:');
  });

  test('shows deprecations, defaults, arguments of fields and the errors of a mutation', async () => {
    const made = await madeWith({
      schema: `
        type Query { old(x: Int = 7): Thing @deprecated(reason: "Use \`new\`.") }
        type Thing { part(size: Size = BIG): String }
        enum Size { BIG SMALL @deprecated(reason: "Too small.") }
        type Mutation { make(input: MakeInput!): MakeResult! }
        input MakeInput { "Escaped: <script>." name: String }
        union MakeResult = MakePayload | NotFoundError
        type MakePayload { thing: Thing! }
        interface Error { reason: String! }
        type NotFoundError implements Error { reason: String! }
      `,
    });
    const queries = made.get('docs/reference/queries.html');
    expect(queries).toContain('<strong>Deprecated.</strong> <p>Use <code>new</code>.</p>');
    expect(queries).toContain('<a href="/docs/reference/scalars#Int">Int</a> = 7');
    expect(made.get('docs/reference/objects.html')).toContain('id="Thing.part.size"');
    expect(made.get('docs/reference/enums.html')).toContain('Too small.');
    const mutations = made.get('docs/reference/mutations.html') ?? '';
    expect(mutations.replaceAll(/\s+/g, ' ')).toMatch(/MakePayload.* or one of the errors .*errors#NotFoundError/);
    expect(mutations).not.toMatch(/<script>(?!<)/);
    expect(idsOf(mutations)).toEqual(expect.arrayContaining(['make', 'MakeInput', 'MakeResult', 'MakePayload']));
  });
});
