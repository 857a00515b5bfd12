import { db } from '../database/db.ts';
import { write } from '../database/write.ts';

const reads = new Set([
  'findUnique',
  'findUniqueOrThrow',
  'findFirst',
  'findFirstOrThrow',
  'findMany',
  'count',
  'aggregate',
]);

/** The database for better-auth: what it writes goes through `write`, as all writes do. */
export function accountsClient() {
  return db.$extends({
    query: {
      $allModels: {
        $allOperations({ model, operation, args, query }) {
          if (reads.has(operation)) return query(args);
          const table = `${model.charAt(0).toLowerCase()}${model.slice(1)}`;
          return write({ server: 'accounts' }, ({ tx }) => {
            const operations = (tx as unknown as Record<string, Record<string, (given: unknown) => Promise<unknown>>>)[
              table
            ];
            if (!operations?.[operation]) throw new Error(`${model} has no operation ${operation}.`);
            return operations[operation](args);
          });
        },
      },
    },
  });
}
