import { z } from 'zod';

/** A number of tokens as a server tells it: what is none, or does not fit the database's 32 bits, counts as not told. */
export const TokenCount = z.int().min(0).max(2_147_483_647).nullish().catch(null);
