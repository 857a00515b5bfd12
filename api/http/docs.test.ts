/** How the pages of /docs are served. What is in them: scripts/docs/site.test.ts. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { serveDocs } from './docs.ts';

let outside: string;
let server: Server;
const docs = new Map([
  ['docs/index.html', '<h1>The API</h1>'],
  ['docs/tokens.html', '<h1>Tokens</h1>'],
  ['docs/reference.html', '<h1>Reference</h1>'],
  ['docs/reference/queries.html', '<h1>Queries</h1>'],
  ['docs/404.html', '<h1>Not found</h1>'],
  ['docs/docs.css', 'h1 { color: red }'],
  ['docs/schema.graphql', 'type Query { a: Int }'],
  ['docs/examples/program.ts', 'export {};'],
]);

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'confab-docs-'));
  const folder = join(outside, 'dist');
  for (const [file, text] of docs) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  await writeFile(join(outside, 'outside.txt'), 'A secret.');
  server = createServer(serveDocs(folder));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(outside, { recursive: true });
});

/** Unlike `fetch`, it sends the path as it is. */
async function get(path: string, method = 'GET') {
  const { port } = server.address() as AddressInfo;
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      request({ port, host: '127.0.0.1', path, method, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      })
        .on('error', reject)
        .end();
    },
  );
}

test('every page answers, under a policy that allows files of Confab alone', async () => {
  for (const [file, text] of docs) {
    const path = `/${file.replace(/\/index\.html$|\.html$/, '')}`;
    const answer = await get(path);
    expect({ path, status: answer.status, text: answer.text }).toEqual({ path, status: 200, text });
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toMatch(/unsafe|http|\*/);
  }
  for (const path of ['/docs/schema.graphql', '/docs/examples/program.ts'])
    expect((await get(path)).headers['content-type']).toBe('text/plain; charset=utf-8');
});

test('an unknown address is a page that says so', async () => {
  for (const path of ['/docs/nothing', '/docs/reference/nothing', '/docs/tokens/more', '/docs/%']) {
    const answer = await get(path);
    expect({ path, status: answer.status, text: answer.text }).toEqual({
      path,
      status: 404,
      text: docs.get('docs/404.html'),
    });
  }
  expect(await get('/docs/nothing', 'HEAD')).toMatchObject({ status: 404, text: '' });
});

test('no address leads out of the folder', async () => {
  for (const up of ['..', '%2e%2e', '..%2f..', '%2e%2e%2f%2e%2e', '..%5c..', '....//..'])
    for (const file of ['outside.txt', '../outside.txt', 'package.json']) {
      const answer = await get(`/docs/${up}/${file}`);
      expect(answer.status, up).toBe(404);
      expect(answer.text).not.toContain('A secret.');
    }
});
