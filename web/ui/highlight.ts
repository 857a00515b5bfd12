import {
  createCssVariablesTheme,
  createHighlighterCore,
  type GrammarState,
  type HighlighterCore,
  type LanguageInput,
  type ThemedToken,
} from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';

export interface Token {
  content: string;
  color: string | undefined;
}

/** Colours come from colors.css, so that one highlighting serves every theme. */
const theme = createCssVariablesTheme({ name: 'confab', variablePrefix: '--code-' });

const languages: Record<string, () => Promise<{ default: LanguageInput }>> = {
  bash: () => import('shiki/langs/bash.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  docker: () => import('shiki/langs/docker.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  graphql: () => import('shiki/langs/graphql.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  jsx: () => import('shiki/langs/jsx.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  markdown: () => import('shiki/langs/markdown.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  swift: () => import('shiki/langs/swift.mjs'),
  toml: () => import('shiki/langs/toml.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
};

const otherNames: Record<string, string> = {
  'c++': 'cpp',
  'c#': 'csharp',
  cs: 'csharp',
  console: 'bash',
  dockerfile: 'docker',
  gql: 'graphql',
  js: 'javascript',
  md: 'markdown',
  patch: 'diff',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'bash',
  shell: 'bash',
  ts: 'typescript',
  yml: 'yaml',
  zsh: 'bash',
};

let highlighter: Promise<HighlighterCore> | undefined;

/** Lines that are handed over at once: the page builds them in one task. */
const LINES_AT_ONCE = 40;

/** The library colours no more of a line after this, and its grammar is prepared within the first line. */
const LONGEST_LINE_MS = 5_000;

/** Colours code and gives each line's pieces, some lines at a time. Nothing where the language is not known. */
export async function highlight(code: string, language: string, onLines: (lines: Token[][]) => void): Promise<void> {
  const named = language.toLowerCase();
  const name = otherNames[named] ?? named;
  const load = Object.hasOwn(languages, name) ? languages[name] : undefined;
  if (!load) return;

  highlighter ??= createHighlighterCore({
    themes: [theme],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  const core = await highlighter;
  await core.loadLanguage((await load()).default);
  const lines = code.split('\n');
  let state: GrammarState | undefined;
  for (let index = 0; index < lines.length; index += LINES_AT_ONCE) {
    const part = lines.slice(index, index + LINES_AT_ONCE).join('\n');
    const options = {
      lang: name,
      theme: 'confab',
      tokenizeTimeLimit: LONGEST_LINE_MS,
      ...(state && { grammarState: state }),
    };
    const tokens = core.codeToTokensBase(part, options);
    state = core.getLastGrammarState(tokens);
    onLines(tokens.map(mergeSameColors));
  }
}

/** Each piece becomes an element. */
function mergeSameColors(tokens: readonly ThemedToken[]): Token[] {
  const merged: Token[] = [];
  for (const { content, color } of tokens) {
    const last = merged.at(-1);
    if (last && (last.color === color || content.trim() === '')) last.content += content;
    else merged.push({ content, color });
  }
  return merged;
}
