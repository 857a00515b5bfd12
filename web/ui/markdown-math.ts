/** Draws formulas: loaded when the first one is there. */
import temml from 'temml';
import './markdown-math.css';
import { copyFormulasAsTex } from './markdown-math-copy';

document.addEventListener('copy', copyFormulasAsTex);

/** Each expansion may bring a copy of all that the formula defines. */
const LONGEST_EXPANSION = 20_000;
const MOST_EXPANSIONS = 200;
/** A formula of 2,000 characters without macros has fewer. */
const MOST_ELEMENTS = 4_000;
/** Ends of cells and rows: those of a long table take most of a second to draw. */
const MOST_CELLS = 300;
const cellEnds = /&|\\\\|\\cr(?![A-Za-z])/g;
const DEEPEST = 100;
const definesMacros = /\\(?:[gex]?def|let|futurelet|global|(?:re)?newcommand|providecommand)(?![A-Za-z])/;

/** Null where the formula is wrong, asks for what is not allowed, or is too large. */
export function drawFormula(tex: string, isDisplay: boolean): MathMLElement | null {
  const cells = tex.match(cellEnds)?.length ?? 0;
  if (cells > MOST_CELLS) return null;
  const longest = Math.min(LONGEST_EXPANSION / tex.length, MOST_CELLS / Math.max(1, cells));
  const maxExpand = definesMacros.test(tex) ? Math.floor(longest) : MOST_EXPANSIONS;
  const options = {
    displayMode: isDisplay,
    throwOnError: true,
    trust: false,
    strict: false,
    annotate: false,
    xml: true,
    maxExpand: Math.min(maxExpand, MOST_EXPANSIONS),
    maxSize: [10, 10] as [number, number],
  };
  try {
    // In a document of its own nothing is loaded and no style has an effect.
    const parsed = new DOMParser().parseFromString(temml.renderToString(tex, options), 'application/xml');
    const math = parsed.documentElement;
    if (math.localName !== 'math' || math.querySelectorAll('*').length > MOST_ELEMENTS) return null;
    return copyAllowed(math, 0);
  } catch {
    return null;
  }
}

const MATHML = 'http://www.w3.org/1998/Math/MathML';

const elements = new Set(
  (
    'math mrow mi mn mo ms mspace mtext mstyle mpadded mphantom mfrac msqrt mroot menclose merror msub msup msubsup ' +
    'munder mover munderover mmultiscripts mprescripts mtable mtr mtd'
  ).split(' '),
);

/** Attributes with the values that they may have. */
const word = /^[a-z -]{1,60}$/;
const length = /^-?\d{0,3}(?:\.\d{1,6})?(?:em|ex|pt|px|%)?$/;
const color = /^(?:#[0-9a-f]{3,8}|[a-z]{3,30})$/i;
const attributes: Record<string, RegExp> = {
  accent: word,
  accentunder: word,
  columnalign: word,
  columnlines: word,
  columnspacing: /^[\d.em\s]{1,60}$/,
  columnspan: /^\d{1,2}$/,
  depth: length,
  display: word,
  displaystyle: word,
  fence: word,
  form: word,
  height: length,
  largeop: word,
  linethickness: length,
  lspace: length,
  mathbackground: color,
  mathcolor: color,
  mathsize: length,
  mathvariant: word,
  maxsize: length,
  minsize: length,
  movablelimits: word,
  notation: word,
  rowlines: word,
  rowspacing: /^[\d.em\s]{1,60}$/,
  rowspan: /^\d{1,2}$/,
  rspace: length,
  scriptlevel: /^[+-]?\d$/,
  separator: word,
  stretchy: word,
  symmetric: word,
  voffset: length,
  width: length,
};

const lengths = /^(?:-?\d{0,3}(?:\.\d{1,6})?(?:em|ex|pt|px)?\s?){1,4}$/;
const border = /^\d{0,2}(?:\.\d{1,6})?(?:em|px) (?:solid|dashed)(?: [a-z]{3,20})?$/;
/** None of these takes an element out of its place. */
const styles: Record<string, RegExp> = {
  'background-color': color,
  border,
  'border-bottom': border,
  'border-left': border,
  'border-right': border,
  'border-top': border,
  color,
  'font-style': word,
  'font-weight': /^[a-z0-9]{1,10}$/,
  'math-depth': /^\d$/,
  'math-style': word,
  padding: lengths,
  'padding-bottom': lengths,
  'padding-left': lengths,
  'padding-right': lengths,
  'padding-top': lengths,
  'text-align': word,
};

/** Those that markdown-math.css knows. */
const classes =
  /^(?:tml-(?:display|left|right|jot|small|prime|overline|underline|fbox|cancel|xcancel|vec|(?:tilde|hat)-\d|(?:sml|med|lrg)-pad)|chr-(?:sml|med|lrg)(?:-vec)?|mathcal|mathscr|upstrike|downstrike|sout)$/;

/** A copy with what is on the lists above, and nothing else. Strike-outs are empty spans inside of `menclose`. */
function copyAllowed(source: Element, depth: number): MathMLElement {
  if (depth > DEEPEST) throw new RangeError('The formula is nested too deeply.');
  const copy = document.createElementNS(MATHML, source.localName);
  copyAttributes(source, copy);
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent ?? '');
    else if (child instanceof Element && elements.has(child.localName)) copy.append(copyAllowed(child, depth + 1));
    else if (child instanceof Element && child.localName === 'span' && source.localName === 'menclose')
      copy.append(copyStrike(child));
    else throw new TypeError('The formula has an element that is not allowed.');
  }
  return copy;
}

function copyStrike(source: Element): HTMLElement {
  const span = document.createElement('span');
  copyAttributes(source, span);
  return span;
}

function copyAttributes(source: Element, copy: HTMLElement | MathMLElement): void {
  for (const { name, value } of source.attributes)
    if (Object.hasOwn(attributes, name) && attributes[name]?.test(value)) copy.setAttribute(name, value);
  const names = [...source.classList].filter((name) => classes.test(name));
  if (names.length > 0) copy.setAttribute('class', names.join(' '));
  // Set through the DOM, which no content security policy forbids. jsdom has no styles on MathML.
  const { style } = copy as Partial<ElementCSSInlineStyle>;
  for (const declaration of (source.getAttribute('style') ?? '').split(';')) {
    const [name = '', value = ''] = declaration.split(':', 2).map((part) => part.trim());
    if (Object.hasOwn(styles, name) && styles[name]?.test(value)) style?.setProperty(name, value);
  }
}
