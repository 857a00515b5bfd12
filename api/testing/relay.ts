/** Relay's compiler, run on operations as a page written with Relay has them. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What Relay makes of an operation. */
export interface RelayArtifact {
  kind: 'Request';
  params: { name: string; operationKind: string; text: string };
}

const require = createRequire(import.meta.url);

/**
 * The operations that the compiler makes, by name: those that are written, and those by which Relay fetches a fragment again.
 * @param documents in a module called `name`, with which Relay wants the names of all of them to begin.
 */
export async function compileRelay(name: string, documents: string[]): Promise<Map<string, RelayArtifact>> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-relay-'));
  try {
    await mkdir(join(folder, 'src'));
    const schema = await readFile(new URL('../../schema.graphql', import.meta.url));
    const module = ["import { graphql } from 'relay-runtime';", ...documents.map((text) => `graphql\`${text}\`;`)];
    const config = {
      src: './src',
      schema: './schema.graphql',
      language: 'javascript',
      eagerEsModules: false,
      noSourceControl: true,
    };
    await writeFile(join(folder, 'schema.graphql'), schema);
    await writeFile(join(folder, `src/${name}.js`), module.join('\n'));
    await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
    await promisify(execFile)(process.execPath, [require.resolve('relay-compiler/cli.js'), 'relay.config.json'], {
      cwd: folder,
    });
    const made = join(folder, 'src/__generated__');
    const artifacts = (await readdir(made)).map(
      (file) => require(join(made, file)) as RelayArtifact | { kind: string },
    );
    const operations = artifacts.filter((artifact): artifact is RelayArtifact => artifact.kind === 'Request');
    return new Map(operations.map((artifact) => [artifact.params.name, artifact]));
  } finally {
    await rm(folder, { recursive: true });
  }
}
