/**
 * In the built page a GraphQL document is its text, which urql parses when it is first used, and each fragment is there once. As the syntax
 * trees that codegen makes, with all fragments in each, the documents were a sixth of what a browser loads first.
 */
import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
} from 'graphql';
import type { Plugin } from 'vite';

const FRAGMENTS = 'virtual:fragments';
/** The name of a fragment in that module, and among the imports of the others. */
const constantOf = (fragment: string) => `fragment_${fragment}`;

/** What codegen exports: a syntax tree for each document, with all fragments that it needs. */
type Generated = Record<string, unknown>;

/** For vite.config.ts. */
export function documentTexts(): Plugin {
  let generated: Generated = {};
  return {
    name: 'document-texts',
    apply: 'build',
    // Before TypeScript is compiled, which may write the literals in another way.
    enforce: 'pre',
    async buildStart() {
      generated = (await import(new URL('../web/generated/graphql.ts', import.meta.url).href)) as Generated;
    },
    resolveId: (id) => (id === FRAGMENTS ? `\0${FRAGMENTS}` : null),
    load: (id) => (id === `\0${FRAGMENTS}` ? fragmentsModule(generated) : null),
    transform(code, id) {
      if (!/\/web\/(?!generated\/).*\.tsx?$/.test(id) || !code.includes('graphql(`')) return null;
      return { code: withTexts(code, generated), map: null };
    },
  };
}

/** One constant for each fragment. */
export function fragmentsModule(generated: Generated): string {
  const documents = Object.values(generated).filter(isDocument);
  const fragments = new Map(
    documents.flatMap(({ definitions }) => definitions.filter(isFragment)).map((each) => [each.name.value, each]),
  );
  return [...fragments]
    .map(([name, fragment]) => `export const ${constantOf(name)} = ${JSON.stringify(textOf(fragment))};`)
    .join('\n');
}

/** A module in which each call of `graphql` is replaced by the text of its document. */
export function withTexts(code: string, generated: Generated): string {
  const imported = new Set<string>();
  const replaced = code.replaceAll(/\bgraphql\(\s*`([^`]*)`\s*,?\s*\)/g, (_call, source: string) => {
    const { definitions } = documentOf(source, generated);
    const parts = definitions.map((definition) => {
      if (!isFragment(definition)) return JSON.stringify(textOf(definition));
      const constant = constantOf(definition.name.value);
      imported.add(constant);
      return constant;
    });
    return `(${parts.join(' + ')})`;
  });
  return imported.size === 0 ? replaced : `import { ${[...imported].join(', ')} } from '${FRAGMENTS}';\n${replaced}`;
}

/** Codegen names them by their first definition. */
function documentOf(source: string, generated: Generated): DocumentNode {
  const [first] = parse(source).definitions;
  if (!first || !('name' in first) || !first.name) throw new Error(`A document without a name: ${source}`);
  const name = `${first.name.value}${isFragment(first) ? 'FragmentDoc' : 'Document'}`;
  const document = generated[name];
  if (!isDocument(document)) throw new Error(`web/generated/graphql.ts has no ${name}: run npm run generate.`);
  return document;
}

function textOf(definition: DefinitionNode): string {
  return stripIgnoredCharacters(print(definition));
}

function isFragment(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION;
}

function isDocument(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === Kind.DOCUMENT;
}
