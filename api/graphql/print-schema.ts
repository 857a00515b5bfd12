/** Writes schema.graphql, the contract that clients are built on. A test fails while it differs. */
import { writeFileSync } from 'node:fs';

import { printedSchema } from './printed-schema.ts';

writeFileSync(new URL('../../schema.graphql', import.meta.url), printedSchema());
