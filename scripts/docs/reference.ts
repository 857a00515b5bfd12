/** The pages of the reference, made from schema.graphql. */
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';

import { rootNeeds, sentenceOf } from '../../api/tokens/scopes.ts';
import { Entries } from './entries.ts';
import { markup, type Html } from './markup.ts';
import { type Kind, kinds, Places, type RootField } from './places.ts';

export interface ReferencePage {
  title: string;
  address: string;
  body: Html;
}

export const referenceMenu = Object.entries(kinds).map(([kind, title]) => ({
  title,
  address: addressOf(kind as Kind),
}));

export async function renderReference(schema: GraphQLSchema): Promise<ReferencePage[]> {
  const places = new Places(schema);
  const entries = new Entries(places);
  const pages = (Object.keys(kinds) as Kind[]).map(async (kind) => ({
    title: kinds[kind],
    address: addressOf(kind),
    body: markup`<h1>${kinds[kind]}</h1>
      <p class="lead">${leads[kind]}</p>
      ${await Promise.all(places.rootFields(kind).map((field) => entries.rootField(field)))}
      ${await Promise.all(places.types(kind).map((type) => entries.type(type)))}`,
  }));
  return [{ title: 'Reference', address: '/docs/reference', body: overview(places) }, ...(await Promise.all(pages))];
}

const leads: Record<Kind, string> = {
  queries: 'What can be read.',
  mutations: 'What can be done. Failures that are to be expected are members of each result.',
  subscriptions: 'What can be followed as it happens.',
  objects: 'What there is, and what can be asked of it.',
  interfaces: 'Fields that several objects have in common.',
  unions: 'One of several objects.',
  errors: 'Failures that are to be expected, as members of the results of mutations.',
  inputs: 'What arguments are made of.',
  enums: 'One of several words. New ones may come: a program ignores those that it does not know.',
  scalars: 'Single values.',
};

function addressOf(kind: Kind): string {
  return `/docs/reference/${kind}`;
}

/** Everything by name. The script of the page (docs.js) finds in it what is typed. */
function overview(places: Places): Html {
  return markup`<h1>Reference</h1>
    <p class="lead">Made of <a href="/docs/schema.graphql">schema.graphql</a>, which this server keeps to.</p>
    <p class="filter" hidden>
      <label>Find a field, type or value <input type="search" autocomplete="off" spellcheck="false" /></label>
      <span role="status"></span>
    </p>
    ${(Object.keys(kinds) as Kind[]).map((kind) => {
      const rows = [
        ...places.rootFields(kind).map((field) => rootRow(field, kind, places)),
        ...places.types(kind).map((type) => typeRow(type, places.addressOf(type))),
      ];
      return markup`<section class="names">
        <h2><a href="${addressOf(kind)}">${kinds[kind]}</a> <span class="count">${rows.length}</span></h2>
        <ul>
          ${rows}
        </ul>
      </section>`;
    })}`;
}

function rootRow(field: RootField, kind: Kind, places: Places): Html {
  const need = rootNeeds[field.name];
  const text = (field.description ?? '').replace(need ? sentenceOf(need) : '', '');
  const { input, result, payloads } = places.ownTypes(field);
  const own = [input, result, ...payloads].filter((type) => type !== undefined);
  const words = [...field.args, ...own].map(({ name }) => name).concat(own.flatMap(wordsOf));
  return row(field.name, `${addressOf(kind)}#${field.name}`, text, words);
}

function typeRow(type: GraphQLNamedType, address: string): Html {
  return row(type.name, address, type.description ?? '', wordsOf(type));
}

function row(name: string, address: string, description: string, words: string[]): Html {
  return markup`<li data-words="${[name, ...words].join(' ')}">
    <a href="${address}">${name}</a> <span>${firstSentence(description)}</span>
  </li>`;
}

/** What it has: fields, members or values. */
function wordsOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (isUnionType(type)) return type.getTypes().map(({ name }) => name);
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) return Object.keys(type.getFields());
  return [];
}

function firstSentence(text: string): string {
  const [sentence = ''] = /^[^]*?[.!?](?=\s|$)/.exec(text.trim()) ?? [text];
  return sentence.replaceAll('`', '');
}
