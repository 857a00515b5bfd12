/**
 * Divides what one operation asks of an event that is sent to many: what is the same for all of them is a document of its own, in which
 * a mark stands where each viewer's own fields belong.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

import type { PlainEvents, SharedEvent } from '../../graphql-builder/plain-events.ts';

export interface SharedTemplate {
  /** To be executed once for each key. */
  document: DocumentNode;
  /** Takes what the execution gave, as JSON. */
  prepare: (json: string) => CompleteEvent;
}

export interface CompleteEvent {
  /** Of the objects with a boolean that is each viewer's own: one list for all. */
  readonly keys: readonly string[];
  /** The event as JSON, with what is one viewer's own in it. */
  readonly with: (own: Own, markedKeys: ReadonlySet<string>) => string;
}

type Own = Pick<SharedEvent, 'own' | 'ownValues'>;
type Division = Pick<NonNullable<PlainEvents<unknown>['shared']>, 'field' | 'ownFields' | 'ownMark' | 'ownValue'>;

interface OwnField {
  /** As the client calls it. */
  key: string;
  name: string;
}

/** What stands in the place of a mark in the JSON. `mark`, `value`: as the client calls it. */
type OwnPart = { fields: OwnField[] } | { mark: string } | { value: string };

/** Null where the answer depends on more than the event: on variables, say. */
export function compileShared(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  division: Division,
): SharedTemplate | null {
  const [root, ...others] = operation.selectionSet.selections;
  if (root?.kind !== Kind.FIELD || !root.selectionSet || others.length > 0) return null;
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  if (hasVariables(root.selectionSet) || [...fragments.values()].some(hasVariables)) return null;
  const dividing = new Dividing(fragments, division);
  const event = dividing.ofEvent(root.selectionSet);
  if (!event) return null;
  const divided = {
    ...operation,
    selectionSet: { ...operation.selectionSet, selections: [{ ...root, selectionSet: event }] },
  };
  const definitions = document.definitions.map((each) => (each === operation ? divided : each));
  return {
    document: dividing.ofMarks({ ...document, definitions }),
    prepare: (json) => prepare(json, dividing.marks),
  };
}

function hasVariables(node: SelectionSetNode | FragmentDefinitionNode): boolean {
  let found = false;
  visit(node, {
    Variable: () => void (found = true),
    Directive: () => void (found = true),
  });
  return found;
}

class Dividing {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #division: Division;
  /** For each mark, what stands in its place. */
  readonly marks: OwnPart[] = [];

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>, division: Division) {
    this.#fragments = fragments;
    this.#division = division;
  }

  /** The event's selection, with the fields that differ divided. */
  ofEvent(selectionSet: SelectionSetNode): SelectionSetNode | null {
    return this.#each(selectionSet, (field) => {
      if (field.name.value === this.#division.ownValue.list) return this.#withoutValues(field);
      if (field.name.value !== this.#division.field || !field.selectionSet) return field;
      const own: OwnField[] = [];
      const rest = this.#withoutOwn(field.selectionSet, own);
      if (!rest) return null;
      if (own.length === 0) return field;
      const mark = markField(this.marks.push({ fields: own }) - 1, '__typename');
      return { ...field, selectionSet: { ...rest, selections: [mark, ...rest.selections] } };
    });
  }

  /** The document with each own boolean replaced by what names its object. */
  ofMarks(document: DocumentNode): DocumentNode {
    const { field, key } = this.#division.ownMark;
    return visit(document, {
      Field: (node) => {
        if (node.name.value !== field) return undefined;
        const mark = nameInAnswer(node);
        const known = this.marks.findIndex((part) => 'mark' in part && part.mark === mark);
        return markField(known === -1 ? this.marks.push({ mark }) - 1 : known, key);
      },
    });
  }

  /** The list with each value that is one receiver's own replaced by what names its object. */
  #withoutValues(list: FieldNode): FieldNode | null {
    const { field, key } = this.#division.ownValue;
    if (!list.selectionSet) return list;
    const selectionSet = this.#each(list.selectionSet, (each) => {
      if (each.name.value !== field) return each;
      const value = nameInAnswer(each);
      const known = this.marks.findIndex((part) => 'value' in part && part.value === value);
      return markField(known === -1 ? this.marks.push({ value }) - 1 : known, key);
    });
    return selectionSet && { ...list, selectionSet };
  }

  #withoutOwn(selectionSet: SelectionSetNode, own: OwnField[]): SelectionSetNode | null {
    return this.#each(selectionSet, (field) => {
      const name = field.name.value;
      if (!this.#division.ownFields.has(name)) return field;
      const key = nameInAnswer(field);
      if (!own.some((known) => known.key === key)) own.push({ key, name });
      return undefined;
    });
  }

  /** Undefined takes the field away; null: not possible. */
  #each(
    selectionSet: SelectionSetNode,
    change: (field: FieldNode) => FieldNode | undefined | null,
  ): SelectionSetNode | null {
    const selections: SelectionNode[] = [];
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const changed = change(selection);
        if (changed === null) return null;
        if (changed) selections.push(changed);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
      const inner = fragment && this.#each(fragment.selectionSet, change);
      if (!inner) return null;
      // All that it held may be a viewer's own.
      if (inner.selections.length === 0) continue;
      const { typeCondition } = fragment;
      selections.push({ kind: Kind.INLINE_FRAGMENT, ...(typeCondition && { typeCondition }), selectionSet: inner });
    }
    return { ...selectionSet, selections };
  }
}

function nameInAnswer({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

/** No client's name: two underscores are the schema's own. In JSON nothing else can look like it, since a text's quotes are escaped. */
function markName(index: number): string {
  return `__own${index}`;
}

function markField(index: number, name: string): FieldNode {
  return {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: markName(index) },
    name: { kind: Kind.NAME, value: name },
  };
}

/** Found once, since the text may be long and its receivers many. */
function prepare(json: string, marks: readonly OwnPart[]): CompleteEvent {
  // A stretch of text, the number of a mark, the mark's value, and so on.
  const pieces = json.split(/"__own(\d+)":"([^"]*)"/);
  const parts: (
    | { text: string }
    | { fields: OwnField[] }
    | (({ mark: string } | { value: string }) & { key: string })
  )[] = [];
  const keys: string[] = [];
  for (let at = 0; at < pieces.length; at += 3) {
    parts.push({ text: pieces[at] ?? '' });
    const part = marks[Number(pieces[at + 1])];
    const key = pieces[at + 2] ?? '';
    if (part && 'mark' in part) keys.push(key);
    if (part) parts.push('fields' in part ? part : { ...part, key });
  }
  return {
    keys,
    with: ({ own, ownValues }, markedKeys) =>
      parts
        .map((part) => {
          if ('text' in part) return part.text;
          if ('fields' in part) return write(part.fields, own);
          if ('mark' in part) return `${JSON.stringify(part.mark)}:${markedKeys.has(part.key)}`;
          return `${JSON.stringify(part.value)}:${JSON.stringify(ownValues.get(part.key) ?? null)}`;
        })
        .join(''),
  };
}

function write(fields: readonly OwnField[], own: SharedEvent['own']): string {
  return fields.map(({ key, name }) => `${JSON.stringify(key)}:${JSON.stringify(own[name])}`).join(',');
}
