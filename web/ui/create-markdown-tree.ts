import type { Element, Root } from 'hast';
import { createComputed, createSignal, untrack } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { Block, Blocks } from './markdown-blocks';
import { isLooseList, markTidied, toElement, type Conversion, type FootnoteNumbers } from './markdown-trees';

/** The place of one block in the tree. */
interface Slot {
  block: Block;
  footnotes: string;
  element: Element | null;
  /** Only in growing text: changes what differs, so that the elements on the page stay. */
  update: ((element: Element) => void) | null;
}

/**
 * The tree of a text. A block that has not changed keeps its node, so it keeps its elements on the page. Only blocks that
 * were seen growing are stores: proxies for each node of each finished answer would take too much memory.
 */
export function createMarkdownTree(blocks: () => Blocks, numbers: () => FootnoteNumbers): () => Root {
  const [root, setRoot] = createSignal<Root>({ type: 'root', children: [] });
  const kept: Conversion['kept'] = new WeakMap();
  let slots: (Slot | undefined)[] = [];

  createComputed(() => {
    const { settled, tail, definitions, isGrowing } = blocks();
    const conversion = { definitions, footnotes: numbers(), kept };
    // Kept parts are read through their stores.
    slots = untrack(() =>
      [...settled, ...tail].map((block, index) => fill(slots[index], block, conversion, isGrowing)),
    );
    const children = slots.flatMap((slot) => (slot?.element ? [slot.element] : []));
    setRoot((before) => (isSame(before.children, children) ? before : { type: 'root', children }));
  });

  return root;
}

function fill(slot: Slot | undefined, block: Block, conversion: Conversion, isGrowing: boolean): Slot {
  const footnotes = block.footnotes.map((each) => conversion.footnotes.get(each)).join();
  if (slot?.block === block && slot.footnotes === footnotes) return slot;
  const element = toElement(block.node, conversion);
  if (!element) return { block, footnotes, element, update: null };
  if (slot?.element && slot.update) {
    slot.update(element);
    const filled = { ...slot, block, footnotes };
    keepParts(filled, conversion.kept);
    return filled;
  }
  if (!isGrowing) return { block, footnotes, element, update: null };
  const [store, setStore] = createStore(element);
  const filled = { block, footnotes, element: store, update: (next: Element) => setStore(reconcile(next)) };
  keepParts(filled, conversion.kept);
  return filled;
}

/**
 * The objects inside the store, not those that were merged into it, stand for the parts that no longer change: reconciling
 * skips an object that it meets again. They are proxies, since `reconcile` searches all else that it is given for these.
 */
function keepParts({ block, element }: Slot, kept: Conversion['kept']): void {
  if (block.kept === 0 || !element) return;
  const { node } = block;
  const isTable = node.type === 'table';
  const parts = isTable ? node.children.slice(1) : node.type === 'list' ? node.children : [];
  const body = isTable ? element.children[1] : element;
  if (body?.type !== 'element') return;
  const isLoose = isLooseList(node);
  for (const [index, part] of parts.slice(0, block.kept).entries()) {
    const child = body.children[index];
    if (child?.type !== 'element') return;
    kept.set(part, { element: child, isLoose });
    markTidied(child);
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}
