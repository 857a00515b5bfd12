/** A formula in what is copied is its TeX: the characters of MathML alone do not say what it was. */
export function copyFormulasAsTex(event: ClipboardEvent): void {
  if (event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement) return;
  const selection = document.getSelection();
  if (!event.clipboardData || event.defaultPrevented || !selection || selection.isCollapsed) return;
  const range = selection.getRangeAt(0).cloneRange();
  const first = formulaAround(range.startContainer);
  const last = formulaAround(range.endContainer);
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const holder = document.createElement('div');
  holder.append(range.cloneContents());
  const formulas = holder.querySelectorAll('[data-tex]');
  if (formulas.length === 0) return;
  for (const formula of formulas) formula.replaceWith(texOf(formula));
  event.clipboardData.setData('text/html', new XMLSerializer().serializeToString(holder));
  event.clipboardData.setData('text/plain', textOf(holder));
  event.preventDefault();
}

function formulaAround(node: Node): Element | null {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest('[data-tex]') ?? null;
}

function texOf(formula: Element): Text {
  return document.createTextNode(formula.getAttribute('data-tex') ?? '');
}

/** Only what is laid out has line breaks between its blocks. */
function textOf(holder: HTMLElement): string {
  holder.className = 'prose md-copied';
  document.body.append(holder);
  const text = holder.innerText;
  holder.remove();
  return text;
}
