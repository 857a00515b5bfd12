import type { FootnoteDefinition } from 'mdast';

import {
  addDefinitions,
  certainDefinitions,
  footnoteDefinitions,
  growBlocks,
  isSameDefinitions,
  noBlocks,
  type Blocks,
} from '../ui/markdown-blocks';
import type { Definitions } from '../ui/markdown-syntax';
import type { FootnoteNumbers } from '../ui/markdown-trees';

/** What the slices of an answer have in common: its link and footnote definitions. */
export interface AnswerDefinitions {
  definitions: Definitions;
  /** By the order of the first references in the whole answer. */
  numbers: FootnoteNumbers;
  /** The notes that are referred to, by their numbers. */
  notes: readonly FootnoteDefinition[];
  /** Of each slice; null where it neither defines nor refers to a footnote. */
  blocks: readonly (Blocks | null)[];
}

export const noAnswerDefinitions: AnswerDefinitions = {
  definitions: new Map(),
  numbers: new Map(),
  notes: [],
  blocks: [],
};

/** Parses only slices that may define something or refer to a footnote, and of the growing one only what is new. */
export function collectDefinitions(
  before: AnswerDefinitions,
  texts: readonly string[],
  isGrowing: boolean,
): AnswerDefinitions {
  const parse = (known: Blocks | null | undefined, index: number, given: Definitions) =>
    growBlocks(known ?? noBlocks, texts[index] ?? '', isGrowing && index === texts.length - 1, given);
  const defining = texts.map((text, index) =>
    text.includes(']:') ? parse(before.blocks[index], index, before.definitions) : null,
  );
  const found = addDefinitions(new Map(), defining.flatMap(ownDefinitions));
  const definitions = isSameDefinitions(before.definitions, found) ? before.definitions : found;
  const hasNotes = defining.some((each) => each && footnoteDefinitions(each).length > 0);
  const blocks = texts.map((text, index) => {
    const known = defining[index] ?? before.blocks[index];
    return defining[index] || (hasNotes && text.includes('[^')) ? parse(known, index, definitions) : null;
  });
  return { definitions, blocks, ...numberNotes(before, hasNotes ? blocks : []) };
}

function numberNotes(before: AnswerDefinitions, blocks: AnswerDefinitions['blocks']) {
  const defined = new Map<string, FootnoteDefinition>();
  for (const note of blocks.flatMap((each) => (each ? footnoteDefinitions(each) : [])))
    if (!defined.has(note.identifier)) defined.set(note.identifier, note);
  const numbers = new Map<string, number>();
  const notes: FootnoteDefinition[] = [];
  for (const identifier of blocks.flatMap(references)) {
    const note = defined.get(identifier);
    if (!note || numbers.has(identifier)) continue;
    notes.push(note);
    numbers.set(identifier, notes.length);
  }
  return {
    numbers: isSameList([...before.numbers.keys()], [...numbers.keys()]) ? before.numbers : numbers,
    notes: isSameList(before.notes, notes) ? before.notes : notes,
  };
}

function ownDefinitions(blocks: Blocks | null) {
  return blocks ? certainDefinitions(blocks) : [];
}

function references(blocks: Blocks | null): readonly string[] {
  return blocks ? [...blocks.settled, ...blocks.tail].flatMap(({ footnotes }) => footnotes) : [];
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}
