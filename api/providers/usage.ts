import { z } from 'zod';

/** A number of tokens as a server reports it: an invalid one, or one beyond the database's 32 bits, counts as not reported. */
export const TokenCount = z.int().min(0).max(2_147_483_647).nullish().catch(null);
