/** What a GraphQL document may be, found out before it is parsed, and the cache of those that were parsed and valid. */
import { type DocumentNode, GraphQLError, Lexer, parse, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';

import { DocumentCache } from './document-cache.ts';
import { viewerBehind } from './viewer.ts';

/** In bytes of UTF-8. What people write comes in variables, which are not counted. */
export const DOCUMENT_BYTES = 32 * 1024;

interface DocumentLimits {
  tokens: number;
  /** Brackets of any kind inside each other. The parser and the rules of validation go down by recursion. */
  depth: number;
}

const SIGNED_IN: DocumentLimits = { tokens: 3_000, depth: 100 };
/** GraphiQL's introspection query has 184 tokens. */
const SIGNED_OUT: DocumentLimits = { tokens: 500, depth: 25 };

/** In the place of Yoga's own cache, which counts documents and not bytes, and keeps invalid ones too. */
export function useDocuments(): Plugin {
  const cache = new DocumentCache();
  const valid = new WeakSet<DocumentNode>();
  return {
    onParams({ params }) {
      const { query, operationName } = params as { query?: unknown; operationName?: unknown };
      if (operationName != null && typeof operationName !== 'string') throw badOperationName();
      if (typeof query === 'string' && Buffer.byteLength(query) > DOCUMENT_BYTES) throw tooLarge();
    },
    onParse({ params, context, setParsedDocument, setParseFn }) {
      const cached = cache.get(String(params.source));
      if (cached) {
        setParsedDocument(cached);
        return;
      }
      const limits = viewerBehind(context.request) ? SIGNED_IN : SIGNED_OUT;
      setParseFn((source: string) => {
        checkDocument(source, limits);
        return parse(source);
      });
    },
    onValidate({ params: { documentAST }, context, setResult }) {
      if (valid.has(documentAST)) {
        setResult([]);
        return;
      }
      return ({ valid: isValid }) => {
        // What a stranger sends does not drive the documents of others out.
        if (!isValid || !viewerBehind(context.request)) return;
        valid.add(documentAST);
        const text = documentAST.loc?.source.body ?? '';
        cache.set(text, documentAST, measure(text)?.tokens ?? 0);
      };
    },
  };
}

function checkDocument(text: string, limits: DocumentLimits): void {
  const measured = measure(text);
  // Not even tokens: the parser says what is wrong.
  if (!measured) return;
  if (measured.tokens > limits.tokens) throw tooComplex(`Token limit of ${limits.tokens} exceeded.`, limits);
  if (measured.depth > limits.depth) throw tooComplex(`Nesting limit of ${limits.depth} exceeded.`, limits);
}

/** Null where the text cannot be read as tokens. */
function measure(text: string): DocumentLimits | null {
  const lexer = new Lexer(new Source(text));
  let tokens = 0;
  let depth = 0;
  let deepest = 0;
  try {
    for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
      tokens += 1;
      if (opening.has(kind)) depth += 1;
      else if (closing.has(kind)) depth -= 1;
      deepest = Math.max(deepest, depth);
    }
  } catch {
    return null;
  }
  return { tokens, depth: deepest };
}

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Without a session as `UNAUTHENTICATED`, so that a page whose session ended asks for a sign-in. */
function tooComplex(reason: string, limits: DocumentLimits): GraphQLError {
  if (limits === SIGNED_OUT) {
    const message = `Sign in first. Without a session: ${reason}`;
    return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
  }
  return new GraphQLError(`Syntax Error: ${reason}`, { extensions: { code: 'QUERY_TOO_COMPLEX' } });
}

function badOperationName(): GraphQLError {
  return new GraphQLError('`operationName` has to be a string.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });
}

function tooLarge(): GraphQLError {
  return new GraphQLError('A document may have at most 32 KiB. Send what people write in variables.', {
    extensions: { code: 'DOCUMENT_TOO_LARGE', http: { status: 413 } },
  });
}
