/** What is done to the trees between parsing and showing; solid-markdown calls these as plugins. */
import type { ElementContent, Nodes as HtmlNodes, Root as HtmlRoot } from 'hast';
import type { Nodes, Parents, Root } from 'mdast';

const holdsWords = new Set<Nodes['type']>([
  'paragraph',
  'heading',
  'emphasis',
  'strong',
  'delete',
  'link',
  'linkReference',
  'tableCell',
]);

/** Raw HTML is shown as the text that it is; the library would drop it. */
export function rawAsText() {
  return (tree: Root) => showRaw(tree);
}

function showRaw(parent: Parents): void {
  parent.children.forEach((child, index) => {
    if (child.type === 'html') {
      const text = { type: 'text' as const, value: child.value };
      const shown = holdsWords.has(parent.type) ? text : { type: 'paragraph' as const, children: [text] };
      (parent.children as Nodes[])[index] = shown;
    } else if ('children' in child) showRaw(child);
  });
}

const wordsOf = new Set(['p', 'li', 'em', 'strong', 'del', 'a', 'td', 'th', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

/** Ids would meet those of other answers. And a line's end between two elements is a space, which the library would drop. */
export function tidyElements() {
  return (tree: HtmlRoot) => tidy(tree);
}

function tidy(node: HtmlNodes): void {
  if (node.type === 'element') delete node.properties['id'];
  if (!('children' in node)) return;
  for (const child of node.children) {
    if (child.type === 'text' && child.value === '\n' && node.type === 'element' && wordsOf.has(node.tagName))
      child.value = ' ';
    else if (child.type !== 'doctype') tidy(child);
  }
}

export function textOf(node: ElementContent | undefined): string {
  if (!node) return '';
  if (node.type === 'text') return node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
}
