/**
 * What a person wrote in a room, in pieces: code, links and all else. Code is what the server takes for code when it reads names
 * (api/mentions/names.ts). Read line by line and in linear time, since it is anybody's text.
 */
import { addressLength, punctuation } from '../../ui/address-end';

export interface WrittenPiece {
  /** A block is code between fences, which has lines of its own. */
  kind: 'text' | 'code' | 'block' | 'link';
  text: string;
}

export function writtenPieces(text: string): WrittenPiece[] {
  // Not pushed by `...`: as many arguments as a long text has links would overflow the stack.
  const pieces = sectionsOf(text).flatMap(({ isCode, lines }): WrittenPiece[] =>
    isCode ? [{ kind: 'block', text: lines.join('\n') }] : inlinePieces(lines.join('\n')),
  );
  return pieces.filter((piece) => piece.text !== '' || piece.kind === 'block');
}

interface Section {
  isCode: boolean;
  lines: string[];
}

/** The fences themselves are not in it. An unclosed one reaches to the end. */
function sectionsOf(text: string): Section[] {
  let section: Section = { isCode: false, lines: [] };
  const sections = [section];
  let fence: Fence | null = null;
  for (const line of text.split(/\r\n|[\r\n]/)) {
    const opened: Fence | null = fence ? null : fenceOf(line);
    if (opened || (fence && closes(fence, line))) {
      fence = opened;
      section = { isCode: opened !== null, lines: [] };
      sections.push(section);
    } else section.lines.push(line);
  }
  return sections;
}

interface Fence {
  mark: string;
  length: number;
}

function fenceOf(line: string): Fence | null {
  const [, run = '', info = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  const mark = run[0];
  // Backticks that close on the same line are a span of code.
  return mark && !(mark === '`' && info.includes('`')) ? { mark, length: run.length } : null;
}

function closes({ mark, length }: Fence, line: string): boolean {
  const trimmed = line.trim();
  return trimmed.length >= length && trimmed === mark.repeat(trimmed.length);
}

/** A span of code reaches from a run of backticks to the next one of the same length, within one paragraph. */
function inlinePieces(text: string): WrittenPiece[] {
  return text.split(/(\n[^\S\n]*\n)/).flatMap((paragraph) => {
    const pieces: WrittenPiece[][] = [];
    let from = 0;
    for (const { start, end, length } of codeSpans(paragraph)) {
      pieces.push(linkPieces(paragraph.slice(from, start)));
      pieces.push([{ kind: 'code', text: paragraph.slice(start + length, end - length) }]);
      from = end;
    }
    return [...pieces, linkPieces(paragraph.slice(from))].flat();
  });
}

function* codeSpans(text: string): Generator<{ start: number; end: number; length: number }> {
  const runs = [...text.matchAll(/`+/g)].map(({ index, 0: run }) => ({ index, length: run.length }));
  const later = Map.groupBy(runs.toReversed(), ({ length }) => length);
  let from = 0;
  for (const { index, length } of runs) {
    const closings = later.get(length) ?? [];
    while ((closings.at(-1)?.index ?? Infinity) <= index) closings.pop();
    const closing = closings.at(-1);
    if (index < from || isEscaped(text, index) || !closing) continue;
    from = closing.index + length;
    yield { start: index, end: from, length };
  }
}

function isEscaped(text: string, index: number): boolean {
  return /(?<!\\)(\\\\)*\\$/.test(text.slice(Math.max(0, index - 20), index));
}

const addresses = new RegExp(`(?<![\\p{L}\\p{N}_])https?://[^\\s<>"\`${punctuation}]+`, 'giu');

function linkPieces(text: string): WrittenPiece[] {
  const pieces: WrittenPiece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(addresses)) {
    const link = withoutPunctuation(found.slice(0, addressLength(found)));
    if (!URL.canParse(link)) continue;
    pieces.push({ kind: 'text', text: text.slice(from, index) }, { kind: 'link', text: link });
    from = index + link.length;
  }
  return [...pieces, { kind: 'text', text: text.slice(from) }];
}

/** What ends a sentence or closes a bracket around the link is not part of it. */
function withoutPunctuation(link: string): string {
  let end = link.length;
  let opened = link.split('(').length - link.split(')').length;
  for (; end > 0; end -= 1) {
    const last = link[end - 1] ?? '';
    if (last === ')' && opened < 0) opened += 1;
    else if (!".,;:!?'*]}".includes(last)) break;
  }
  return link.slice(0, end);
}
