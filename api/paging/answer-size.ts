/** Bounds what one answer holds and what is loaded for it, so that no request takes the memory and the time of the others. */
import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLField,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isLeafType,
  isObjectType,
} from 'graphql';

/** In bytes of UTF-8, as JSON. */
export const ANSWER_BYTES = 8 * 1024 * 1024;
/** Of a request without a session: enough for the whole schema with all descriptions. */
export const SIGNED_OUT_ANSWER_BYTES = 512 * 1024;
/** Of an event of a stream. A feed sends 2 MB at once, unless a single change of a chat is larger. */
export const EVENT_BYTES = 4 * ANSWER_BYTES;

/** Where less is left, nothing more is resolved. */
const FULL_BYTES = 256;
/** Errors of one kind that an answer lists: the others say the same. */
const MOST_ERRORS = 10;

/** What one answer has taken so far. In the context of each request, and of each event of a stream. */
export class AnswerSize {
  readonly #most: number;
  /** Many streams may load the same at the same time. */
  readonly isShared: boolean;
  #written = 0;
  #promised = 0;
  #loaded = 0;

  constructor(most: number, isShared = false) {
    this.#most = most;
    this.isShared = isShared;
  }

  /** Throws where it does not fit. */
  write(bytes: number): void {
    if (this.#written + bytes > this.#most) throw answerTooLarge();
    this.#written += bytes;
  }

  throwIfFull(): void {
    if (this.#most - this.#written < FULL_BYTES) throw answerTooLarge();
  }

  /** Before a page is loaded: whether there is room for such a row of it. Some is left for what else is asked. */
  promise(bytes: number): boolean {
    if (this.#promised + bytes > this.#mostPromised) return false;
    this.#promised += bytes;
    return true;
  }

  /** Whether such a row would not fit into an empty answer either. */
  isBeyond(bytes: number): boolean {
    return bytes > this.#mostPromised;
  }

  get #mostPromised(): number {
    return this.#most * 0.9;
  }

  /** Before a text is loaded. Throws where that would be too much. A text may be asked for twice, as content and as parts. */
  load(bytes: number): void {
    if (this.#loaded + bytes > this.#most * 2) throw answerTooLarge();
    this.#loaded += bytes;
  }
}

export function answerTooLarge(): GraphQLError {
  const message = `The answer is larger than ${ANSWER_BYTES / 1024 / 1024} MB. Ask for smaller pages or fewer fields.`;
  return new GraphQLError(message, { extensions: { code: 'ANSWER_TOO_LARGE' } });
}

/** The errors of an answer without those that only repeat that it is too large. */
export function withoutRepetition(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  let count = 0;
  return errors.filter(({ extensions }) => extensions['code'] !== 'ANSWER_TOO_LARGE' || (count += 1) <= MOST_ERRORS);
}

interface Sized {
  answer?: AnswerSize;
}

/** Counts each value when it is resolved. Introspection is counted too: its types refer to each other. */
export function countAnswers(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type)) for (const field of Object.values(type.getFields())) count(field);
  }
  return schema;
}

function count(field: GraphQLField<unknown, Sized | undefined>): void {
  // The types of introspection belong to the library and to every schema of the process.
  if (field.extensions['isCounted']) return;
  field.extensions = { ...field.extensions, isCounted: true };
  const resolve: GraphQLFieldResolver<unknown, Sized | undefined> = field.resolve ?? defaultFieldResolver;
  const isLeaf = isLeafType(getNamedType(field.type));
  field.resolve = (source, args, context, info) => {
    const answer = context?.answer;
    if (!answer) return resolve(source, args, context, info);
    answer.throwIfFull();
    const value: unknown = resolve(source, args, context, info);
    const counted = (resolved: unknown) => {
      answer.write(String(info.path.key).length + 4 + (isLeaf ? bytesOf(resolved) : bracketsOf(resolved)));
      return resolved;
    };
    return value instanceof Promise ? value.then(counted) : counted(value);
  };
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(JSON.stringify(value));
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + bytesOf(each) + 1, 2);
  // Numbers, booleans, dates, null.
  return value instanceof Date ? 26 : String(value).length;
}

function bracketsOf(value: unknown): number {
  return Array.isArray(value) ? 2 + 3 * value.length : 2;
}
