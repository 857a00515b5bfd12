/** Formulas as syntax of micromark and as nodes of mdast: `formula`, alone between blocks or among words. */
import type { Node } from 'mdast';
import type { CompileContext, Extension as FromMarkdown, Token as CompileToken } from 'mdast-util-from-markdown';
import { markdownLineEnding } from 'micromark-util-character';
import type { Code, Construct, Extension, State, TokenizeContext, Tokenizer } from 'micromark-util-types';
import { formulaAt, type Formula } from './markdown-formulas';

export interface FormulaNode extends Node {
  type: 'formula';
  /** With its delimiters, as written. */
  source: string;
  tex: string;
  isDisplay: boolean;
  children?: undefined;
}

declare module 'mdast' {
  interface RootContentMap {
    formula: FormulaNode;
  }
  interface PhrasingContentMap {
    formula: FormulaNode;
  }
}

declare module 'micromark-util-types' {
  interface TokenTypeMap {
    formula: 'formula';
    formulaData: 'formulaData';
  }
}

const BACKSLASH = 92;
const DOLLAR = 36;

/** The parser reads code by code; `source`, the whole text, lets it look ahead to the end of a formula. */
export function formulaSyntax(source: string): Extension {
  const flow: Construct = { name: 'formulaFlow', concrete: true, tokenize: tokenizeFlow };
  const text: Construct = { name: 'formulaText', tokenize: tokenizeText };
  return { flow: { [DOLLAR]: flow, [BACKSLASH]: flow }, text: { [DOLLAR]: text, [BACKSLASH]: text } };

  /** Display mathematics that begins a line and ends one. */
  function tokenizeFlow(this: TokenizeContext, ...[effects, ok, nok]: Parameters<Tokenizer>): State {
    return (code) => {
      const formula = formulaAt(source, this.now().offset);
      if (!isAlone(formula, source)) return nok(code);
      if (this.interrupt) return ok(code);
      const lineEnd = endOfLine(source, formula.end);
      return consumeFormula(this, effects, lineEnd, ok, ok)(code);
    };
  }

  function tokenizeText(this: TokenizeContext, ...[effects, ok, nok]: Parameters<Tokenizer>): State {
    return (code) => {
      const formula = formulaAt(source, this.now().offset);
      return typeof formula === 'string' ? nok(code) : consumeFormula(this, effects, formula.end, ok, nok)(code);
    };
  }
}

function isAlone(formula: ReturnType<typeof formulaAt>, source: string): formula is Formula {
  if (typeof formula === 'string' || !formula.isDisplay) return false;
  return source.slice(formula.end, endOfLine(source, formula.end)).trim() === '';
}

function endOfLine(source: string, offset: number): number {
  const newline = source.slice(offset).search(/[\r\n]/);
  return newline < 0 ? source.length : offset + newline;
}

/** One `formula` token up to the offset; `early` is where to go when the text or its container ends before. */
function consumeFormula(
  context: TokenizeContext,
  effects: Parameters<Tokenizer>[0],
  end: number,
  ok: State,
  early: State,
): State {
  let isInData = false;
  return (code) => {
    effects.enter('formula');
    return inside(code);
  };

  function inside(code: Code): State | undefined {
    if (context.now().offset >= end) return leave(ok)(code);
    if (code === null) return leave(early)(code);
    if (markdownLineEnding(code)) {
      endData();
      return effects.attempt({ partial: true, tokenize: tokenizeLineEnding }, inside, leave(early))(code);
    }
    if (!isInData) effects.enter('formulaData');
    isInData = true;
    effects.consume(code);
    return inside;
  }

  function endData() {
    if (isInData) effects.exit('formulaData');
    isInData = false;
  }

  function leave(next: State): State {
    return (code) => {
      endData();
      effects.exit('formula');
      return next(code);
    };
  }
}

/** A lazy line belongs to a paragraph, never to a formula in a quote or a list. */
function tokenizeLineEnding(this: TokenizeContext, ...[effects, ok, nok]: Parameters<Tokenizer>): State {
  return (code) => {
    effects.enter('lineEnding');
    effects.consume(code);
    effects.exit('lineEnding');
    return (next) => (this.parser.lazy[this.now().line] ? nok(next) : ok(next));
  };
}

export function formulaFromMarkdown(): FromMarkdown {
  return {
    enter: {
      formula(this: CompileContext, token: CompileToken) {
        this.enter({ type: 'formula', source: '', tex: '', isDisplay: false }, token);
      },
    },
    exit: {
      formula(this: CompileContext, token: CompileToken) {
        const node = this.stack.at(-1) as FormulaNode;
        node.source = this.sliceSerialize(token).trimEnd();
        const found = formulaAt(node.source, 0);
        // In a quote or a list that ended before the formula did, it stays the text that it is.
        if (typeof found !== 'string') Object.assign(node, { tex: found.tex, isDisplay: found.isDisplay });
        this.exit(token);
      },
    },
  };
}
