/** Coloured code. The policy of the pages allows no styles in the text, so that a colour is a class of docs.css. */
import { highlight, type Token } from '../../web/ui/highlight.ts';
import { markup, type Html } from './markup.ts';

export async function renderCode(code: string, language: string): Promise<Html> {
  const text = code.replace(/\n$/, '');
  const lines: Token[][] = [];
  await highlight(text, language, (more) => lines.push(...more));
  const colored = lines.map((line, index) => [index > 0 && '\n', line.map(renderToken)]);
  // Wide ones are scrolled, with the keys too. The script of the page adds a button that copies.
  return markup`<div class="code"><pre tabindex="0"><code>${lines.length === 0 ? text : colored}</code></pre></div>`;
}

function renderToken({ content, color }: Token): Html | string {
  const [, name] = /^var\(--code-token-([\w-]+)\)$/.exec(color ?? '') ?? [];
  return name === undefined ? content : markup`<span class="code-${name}">${content}</span>`;
}
