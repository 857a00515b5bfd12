/** The Markdown that models write: CommonMark and GFM with a few changes, as one parser for all of the page. */
import type { Definition, FootnoteDefinition, Link, Nodes, Root } from 'mdast';
import { fromMarkdown, type Extension as FromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { htmlFlow } from 'micromark-core-commonmark';
import { cjkFriendlyExtension } from 'micromark-extension-cjk-friendly';
import { gfmStrikethroughCjkFriendly } from 'micromark-extension-cjk-friendly-gfm-strikethrough';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import { gfmFootnote } from 'micromark-extension-gfm-footnote';
import { gfmTable } from 'micromark-extension-gfm-table';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';
import type { Construct, Effects, Extension, ParseContext, State, TokenizeContext } from 'micromark-util-types';
import { addressLength } from './address-end';
import { formulaFromMarkdown, formulaSyntax } from './markdown-math-syntax';

/** Definitions by their normalized label; the first of a label counts. Labels of footnotes begin with `^`. */
export type Definitions = ReadonlyMap<string, Definition | FootnoteDefinition>;

/** Tags without a meaning of their own that may stand among words. Their attributes are dropped. */
export const inlineTags = ['br', 'sub', 'sup', 'kbd'] as const;

/** @param known definitions elsewhere in the text: without them `[label]` is text, by the rules of CommonMark. */
export function parseMarkdown(source: string, known: Definitions): Root {
  const extensions = [
    ...syntax,
    addressSyntax(source),
    formulaSyntax(source),
    htmlExceptInlineTags(source),
    knowing(known),
  ];
  try {
    const root = fromMarkdown(source, { extensions, mdastExtensions });
    endLinksBeforePunctuation(root);
    return root;
  } catch (error) {
    // The stack overflows on ten thousand nested quotes: these stay text.
    if (!(error instanceof RangeError)) throw error;
    return { type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value: source }] }] };
  }
}

/** The codes of `H`, `W`, `h` and `w`: the addresses that begin with others are those of mail, which are ASCII. */
const addressCodes = [72, 87, 104, 119];
const addresses = gfmAutolinkLiteral().text ?? {};
const otherAddresses = Object.entries(addresses).filter(([code]) => !addressCodes.includes(Number(code)));

const syntax: Extension[] = [
  gfmFootnote(),
  gfmTable(),
  gfmTaskListItem(),
  cjkFriendlyExtension(),
  gfmStrikethroughCjkFriendly({ singleTilde: false }),
  { text: Object.fromEntries(otherAddresses) },
  { disable: { null: ['htmlFlow'] } },
];
const mdastExtensions: (FromMarkdown | FromMarkdown[])[] = [gfmFromMarkdown(), formulaFromMarkdown(), countFences()];

/** Code with one fence only has not been closed. */
function countFences(): FromMarkdown {
  return {
    enter: {
      codeFencedFence() {
        // From the first fence on, the text of the code is on top of the stack.
        const node = this.stack.findLast(({ type }) => type === 'code');
        if (node?.type === 'code') node.data = { fences: (node.data?.fences ?? 0) + 1 };
      },
    },
  };
}

/** Literal addresses, ended where `addressLength` says. */
function addressSyntax(source: string): Extension {
  const text = addressCodes.map((code) => [
    code,
    [addresses[code] ?? []].flat().map((construct) => endEarly(construct, source)),
  ]);
  return { text: Object.fromEntries(text) as Extension['text'] };
}

function endEarly(construct: Construct, source: string): Construct {
  return {
    ...construct,
    tokenize(effects, ok, nok) {
      const start = this.now().offset;
      let end = start;
      const tokenizeOnce: Construct['tokenize'] = (inner, found, none) => {
        const measured: State = (code) => {
          end = this.now().offset;
          return found(code);
        };
        return construct.tokenize.call(this, inner, measured, none);
      };
      const consume: State = (code) => {
        const address = source.slice(start, end);
        const length = addressLength(address);
        if (length === address.length) return construct.tokenize.call(this, effects, ok, nok)(code);
        if (!/^(?:https?:\/\/|www\.)./i.test(address.slice(0, length))) return nok(code);
        return consumeAddress(this, effects, start + length, ok)(code);
      };
      return effects.check({ partial: true, tokenize: tokenizeOnce }, consume, nok);
    },
  };
}

function consumeAddress(context: TokenizeContext, effects: Effects, end: number, ok: State): State {
  return (code) => {
    // Of what begins with `w` or `W`, the scheme is missing.
    const type = code === 87 || code === 119 ? 'literalAutolinkWww' : 'literalAutolinkHttp';
    effects.enter('literalAutolink');
    effects.enter(type);
    const inside: State = (next) => {
      if (context.now().offset < end) {
        effects.consume(next);
        return inside;
      }
      effects.exit(type);
      effects.exit('literalAutolink');
      return ok(next);
    };
    return inside(code);
  };
}

/** GFM finds some addresses in the finished text; these know nothing of the construct above. They have no position. */
function endLinksBeforePunctuation(node: Nodes): void {
  if (!('children' in node) || !node.children) return;
  for (const [index, child] of node.children.entries()) {
    if (child.type === 'link' && !child.position) splitLink(child, node.children as Nodes[], index);
    else endLinksBeforePunctuation(child);
  }
}

function splitLink(link: Link, siblings: Nodes[], index: number): void {
  const [label] = link.children;
  if (label?.type !== 'text') return;
  const length = addressLength(label.value);
  if (length === label.value.length) return;
  const rest = label.value.slice(length);
  label.value = label.value.slice(0, length);
  link.url = link.url.slice(0, link.url.length - rest.length);
  siblings.splice(index + 1, 0, { type: 'text', value: rest });
}

/** A line that begins with one of the inline tags is a paragraph, not a block of HTML. */
function htmlExceptInlineTags(source: string): Extension {
  const inlineTag = new RegExp(`</?(?:${inlineTags.join('|')})(?![\\w-])`, 'iy');
  const construct: Construct = {
    ...htmlFlow,
    name: 'htmlFlowExceptInlineTags',
    tokenize(effects, ok, nok) {
      const html = htmlFlow.tokenize.call(this, effects, ok, nok);
      return (code) => {
        inlineTag.lastIndex = this.now().offset;
        return inlineTag.test(source) ? nok(code) : html(code);
      };
    },
  };
  return { flow: { 60: construct } };
}

/** Tells the parser of the definitions in other blocks, when it comes to the first bracket. */
function knowing(known: Definitions): Extension {
  const seen = new WeakSet<ParseContext>();
  const construct: Construct = {
    name: 'knowDefinitions',
    partial: true,
    tokenize(_effects, _ok, nok) {
      const parser: ParseContext & { gfmFootnotes?: string[] } = this.parser;
      if (!seen.has(parser)) {
        seen.add(parser);
        for (const label of known.keys())
          if (label.startsWith('^')) (parser.gfmFootnotes ??= []).push(label.slice(1));
          else parser.defined.push(label);
      }
      return nok;
    },
  };
  return known.size === 0 ? {} : { text: { 91: construct } };
}
