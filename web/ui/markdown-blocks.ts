import type { Nodes, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { heal, isInsideFence } from './markdown-heal';

declare module 'mdast' {
  interface CodeData {
    /** The closing fence has not been written yet. */
    isOpen?: boolean;
  }
}

/**
 * A growing text as blocks. Those that can no longer change are settled: they are never parsed again and keep their
 * identity, so that their DOM stays and a selection in them survives.
 */
export interface Blocks {
  settled: readonly RootContent[];
  tail: readonly RootContent[];
  /** How much of the text the settled blocks cover. */
  settledText: string;
}

export const noBlocks: Blocks = { settled: [], tail: [], settledText: '' };

/** A definition is used from anywhere in the text: with one, the text is a single piece. */
const definition = /^[ \t>*+\-\d.)]*\[[^\]\n]+\]:/m;

/**
 * The last block may still grow and may join the one before it ("1. a", blank line, "2" is a paragraph until ". b"
 * makes it the same list), so the last two stay open.
 */
const OPEN_BLOCKS = 2;

export function growBlocks(before: Blocks, text: string, isGrowing: boolean): Blocks {
  if (definition.test(text)) return { ...noBlocks, tail: parse(text, isGrowing).nodes };

  const known = text.startsWith(before.settledText) ? before : noBlocks;
  const open = text.slice(known.settledText.length);
  const { nodes, starts } = parse(open, isGrowing);
  const count = Math.max(0, nodes.length - OPEN_BLOCKS);
  if (count === 0) return { ...known, tail: nodes };

  return {
    settled: [...known.settled, ...nodes.slice(0, count)],
    tail: nodes.slice(count),
    settledText: known.settledText + open.slice(0, starts[count]),
  };
}

function parse(text: string, isGrowing: boolean) {
  const { children } = fromMarkdown(isGrowing ? heal(text) : text, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  const starts = children.map((node) => lineStart(text, node.position?.start.offset ?? 0));
  for (const node of children) forgetPosition(node);
  if (isGrowing && isInsideFence(text)) markOpen(children.at(-1));
  return { nodes: children, starts };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Positions change with every character, and would make equal blocks differ. */
function forgetPosition(node: Nodes): void {
  delete node.position;
  if ('children' in node) for (const child of node.children) forgetPosition(child);
}

function markOpen(node: Nodes | undefined): void {
  if (node?.type === 'code') node.data = { isOpen: true };
  else if (node && 'children' in node) markOpen(node.children.at(-1));
}
