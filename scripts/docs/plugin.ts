/** For vite.config.ts: puts the pages of /docs beside the built web app, with whose fonts and colours they are shown. */
import type { Plugin } from 'vite';

import { makeDocs, readSources } from './site.ts';

const families = { inter: 'Inter Variable', 'jetbrains-mono': 'JetBrains Mono Variable' };

export function docs(): Plugin {
  return {
    name: 'docs',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const files = await makeDocs(readSources(fontRules(Object.keys(bundle))));
      for (const [fileName, source] of files) this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

/** The Latin ones: the guides and the schema are in English. */
function fontRules(files: readonly string[]): string {
  return Object.entries(families)
    .map(([name, family]) => {
      const file = files.find((path) => path.includes(`/${name}-latin-wght-normal`));
      if (!file) throw new Error(`The build has no font ${name}.`);
      return `@font-face { font-family: '${family}'; font-weight: 100 900; font-display: swap; src: url('/${file}') format('woff2'); }`;
    })
    .join('\n');
}
