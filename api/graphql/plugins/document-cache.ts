import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Of the heap, measured with graphql 16: the costliest documents take 480 bytes for each token, comments 60 for each character. */
const BYTES_PER_TOKEN = 500;
const BYTES_PER_CHARACTER = 64;

/** In bytes of the heap, as far as they can be estimated. */
export const CACHE_BYTES = 32 * 1024 * 1024;

interface CachedDocument {
  document: DocumentNode;
  size: number;
}

/** Documents that were parsed and valid, by their text: those that were used last, as many as fit. */
export class DocumentCache {
  readonly #cache = new LRUCache<string, CachedDocument>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ size }) => size,
  });

  get(text: string): DocumentNode | undefined {
    return this.#cache.get(text)?.document;
  }

  set(text: string, document: DocumentNode, tokens: number): void {
    const size = tokens * BYTES_PER_TOKEN + (text.length + 1) * BYTES_PER_CHARACTER;
    this.#cache.set(text, { document, size });
  }

  /** For tests. */
  get bytes(): number {
    return this.#cache.calculatedSize;
  }
}
