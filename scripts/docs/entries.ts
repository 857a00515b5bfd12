/** What the reference says of one root field or type. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLType,
  type GraphQLUnionType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  print,
  astFromValue,
} from 'graphql';

import { type Need, rootNeeds, sentenceOf, typeNeeds } from '../../api/tokens/scopes.ts';
import { markup, type Html, type Part } from './markup.ts';
import { renderMarkdown } from './markdown.ts';
import type { Places, RootField } from './places.ts';

export class Entries {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  async rootField(field: RootField): Promise<Html> {
    const need = rootNeeds[field.name];
    const { input, result, payloads } = this.#places.ownTypes(field);
    // With its own input and result, these two say all that the arguments and the type would.
    const takes = input && isInputObjectType(input) ? input : null;
    return markup`<section class="entry" id="${field.name}">
      ${heading(field.name, field.name)}
      <p class="facts">${need && scopeNote(need)}</p>
      ${await this.#description(withoutScope(field.description, need))} ${await this.#deprecation(field)}
      <pre class="signature" tabindex="0"><code>${this.#signature(field)}</code></pre>
      ${
        takes
          ? markup`<h3 id="${takes.name}">${takes.name}</h3>
              ${await this.#description(takes.description)}
              ${await this.#inputFields(Object.values(takes.getFields()), takes.name)}`
          : field.args.length > 0 &&
            markup`<h3>Arguments</h3>
              ${await this.#inputFields(field.args, field.name)}`
      }
      ${result && isUnionType(result) && this.#result(result)}
      ${await Promise.all(payloads.map((type) => this.#payload(type)))}
    </section>`;
  }

  async type(type: GraphQLNamedType): Promise<Html> {
    const needs = typeNeeds[type.name];
    return markup`<section class="entry" id="${type.name}">
      ${heading(type.name, type.name)} ${needs && markup`<p class="facts">${scopesNote(needs.scopes, needs.free)}</p>`}
      ${await this.#description(type.description)}
      ${isObjectType(type) && type.getInterfaces().length > 0 && markup`<p class="facts">Implements ${this.#typeList(type.getInterfaces())}</p>`}
      ${isInterfaceType(type) && markup`<p class="facts">Implemented by ${this.#typeList(this.#places.schema.getPossibleTypes(type))}</p>`}
      ${isUnionType(type) && markup`<p>${this.#typeList(type.getTypes())}</p>`}
      ${isScalarType(type) && type.specifiedByURL && markup`<p><a href="${type.specifiedByURL}" rel="noreferrer">Specification</a></p>`}
      ${(isObjectType(type) || isInterfaceType(type)) && (await this.#fields(Object.values(type.getFields()), type.name))}
      ${isInputObjectType(type) && (await this.#inputFields(Object.values(type.getFields()), type.name))}
      ${isEnumType(type) && (await this.#values(type))}
    </section>`;
  }

  #result(union: GraphQLUnionType): Html {
    const isError = (type: GraphQLObjectType) => this.#places.isError(type);
    const errors = union.getTypes().filter(isError);
    return markup`<h3 id="${union.name}">${union.name}</h3>
      <p>
        ${this.#typeList(union.getTypes().filter((type) => !isError(type)))}
        ${errors.length > 0 && markup`or one of the errors ${this.#typeList(errors)}`}
      </p>`;
  }

  async #payload(type: GraphQLNamedType): Promise<Html> {
    return markup`<h3 id="${type.name}">${type.name}</h3>
      ${await this.#description(type.description)}
      ${isObjectType(type) && (await this.#fields(Object.values(type.getFields()), type.name))}`;
  }

  async #fields(fields: readonly GraphQLField<unknown, unknown>[], owner: string): Promise<Html> {
    const rows = fields.map(async (field) => {
      const id = `${owner}.${field.name}`;
      return markup`<dt id="${id}">${name(field.name, id)}: ${this.#type(field.type)}</dt>
        <dd>
          ${await this.#description(field.description)} ${await this.#deprecation(field)}
          ${field.args.length > 0 && (await this.#inputFields(field.args, id))}
        </dd>`;
    });
    return markup`<dl>${await Promise.all(rows)}</dl>`;
  }

  async #inputFields(fields: readonly (GraphQLArgument | GraphQLInputField)[], owner: string): Promise<Html> {
    const rows = fields.map(async (field) => {
      const id = `${owner}.${field.name}`;
      return markup`<dt id="${id}">${name(field.name, id)}: ${this.#type(field.type)}${defaultOf(field)}</dt>
        <dd>${await this.#description(field.description)} ${await this.#deprecation(field)}</dd>`;
    });
    return markup`<dl>${await Promise.all(rows)}</dl>`;
  }

  async #values(type: GraphQLNamedType): Promise<Html> {
    const values = isEnumType(type) ? type.getValues() : [];
    const rows = values.map(async (value) => {
      const id = `${type.name}.${value.name}`;
      return markup`<dt id="${id}">${name(value.name, id)}</dt>
        <dd>${await this.#description(value.description)} ${await this.#deprecation(value)}</dd>`;
    });
    return markup`<dl>${await Promise.all(rows)}</dl>`;
  }

  /** As in the schema: with what it takes and gives. */
  #signature({ name, args, type }: RootField): Part {
    const list = args.map((arg, index) => [
      index > 0 && ', ',
      markup`${arg.name}: ${this.#type(arg.type)}${defaultOf(arg)}`,
    ]);
    return [name, args.length > 0 && ['(', list, ')'], ': ', this.#type(type)];
  }

  #type(type: GraphQLType): Html {
    if (isNonNullType(type)) return markup`${this.#type(type.ofType)}!`;
    if (isListType(type)) return markup`[${this.#type(type.ofType)}]`;
    return markup`<a href="${this.#places.addressOf(type)}">${type.name}</a>`;
  }

  #typeList(types: readonly GraphQLNamedType[]): Part {
    return types.map((type, index) => [index > 0 && ', ', markup`<code>${this.#type(type)}</code>`]);
  }

  async #description(text: string | null | undefined): Promise<Html | false> {
    return Boolean(text) && renderMarkdown(text ?? '');
  }

  async #deprecation({
    deprecationReason: reason,
  }: {
    deprecationReason?: string | null | undefined;
  }): Promise<Html | null> {
    if (reason === null || reason === undefined) return null;
    return markup`<div class="deprecated"><strong>Deprecated.</strong> ${await renderMarkdown(reason)}</div>`;
  }
}

function heading(text: string, id: string): Html {
  return markup`<h2><a href="#${id}">${text}</a></h2>`;
}

function name(text: string, id: string): Html {
  return markup`<a class="name" href="#${id}">${text}</a>`;
}

function defaultOf({ defaultValue, type }: GraphQLArgument | GraphQLInputField): Part {
  if (defaultValue === undefined) return null;
  const value = astFromValue(defaultValue, type);
  return value && ` = ${print(value)}`;
}

function withoutScope(text: string | null | undefined, need: Need | undefined): string {
  return (text ?? '').replace(need ? sentenceOf(need) : '', '').trim();
}

function scopeNote(need: Need): Html {
  if (need === 'BROWSER') return markup`<span class="scope">Only in a signed-in browser, never with a token</span>`;
  if (need === 'ANY_TOKEN') return markup`<span class="scope">Any token: the types that are asked for decide</span>`;
  if (need === 'EVERYBODY') return markup`<span class="scope">No token needed</span>`;
  return markup`<span class="scope">Scope <a href="/docs/reference/enums#ApiScope.${need}">${need}</a></span>`;
}

/** Of a type's fields, whatever the way to it. */
function scopesNote(scopes: readonly string[], free: readonly string[]): Html {
  const links = scopes.map((scope, index) => [
    index > 0 && ' or ',
    scope === 'BROWSER'
      ? 'a signed-in browser'
      : markup`<a href="/docs/reference/enums#ApiScope.${scope}">${scope}</a>`,
  ]);
  return markup`<span class="scope">Scope ${links}</span> but for
    ${free.map((field, index) => [index > 0 && ', ', markup`<code>${field}</code>`])}`;
}
