import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { heal, isInsideFence } from './markdown-heal';

/**
 * A growing text as the sources of its blocks: paragraphs, lists, tables and so on. Those that can no longer change are settled:
 * they are never looked at again.
 */
export interface Blocks {
  settled: readonly string[];
  tail: readonly string[];
  /** How much of the text the settled blocks cover. */
  settledLength: number;
  /** The last block is code whose closing fence has not been written yet. */
  isOpen: boolean;
}

export const noBlocks: Blocks = { settled: [], tail: [], settledLength: 0, isOpen: false };

/** A definition is used from anywhere in the text: with one, the text is a single piece. */
const definition = /^[ \t>*+\-\d.)]*\[[^\]\n]+\]:/m;

/**
 * The last block may still grow and may join the one before it ("1. a", blank line, "2" is a paragraph until ". b"
 * makes it the same list), so the last two stay open.
 */
const OPEN_BLOCKS = 2;

export function growBlocks(before: Blocks, text: string, isGrowing: boolean): Blocks {
  const isOpen = isGrowing && isInsideFence(text);
  if (definition.test(text)) return { ...noBlocks, tail: [isGrowing ? heal(text) : text], isOpen };

  const isSame = text.startsWith(before.settled.join(''));
  const { settled, settledLength } = isSame ? before : noBlocks;
  const sources = split(text.slice(settledLength), isGrowing);
  const count = Math.max(0, sources.length - OPEN_BLOCKS);
  const fresh = sources.slice(0, count);
  return {
    settled: count === 0 ? settled : [...settled, ...fresh],
    tail: sources.slice(count),
    settledLength: settledLength + fresh.join('').length,
    isOpen,
  };
}

/** Each source from its block's first line to the next block's. What is healed is at the end, in the last one. */
function split(text: string, isGrowing: boolean): string[] {
  const whole = isGrowing ? heal(text) : text;
  const { children } = fromMarkdown(whole, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const starts = children.map(({ position }) => lineStart(whole, position?.start.offset ?? 0));
  return starts.map((start, index) => whole.slice(index === 0 ? 0 : start, starts[index + 1]));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}
