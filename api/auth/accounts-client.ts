import { db } from '../database/db.ts';
import { type Actor, write } from '../database/write.ts';

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
        async $allOperations({ model, operation, args, query }) {
          if (reads.has(operation)) return query(args);
          const table = `${model.charAt(0).toLowerCase()}${model.slice(1)}`;
          return write(await writerOf(model, operation, args), ({ tx }) => {
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

/**
 * Whose account or password it is: better-auth changes them for their owner alone. What it makes, deletes or keeps of sessions, and
 * changes of many rows, are the server's.
 */
async function writerOf(model: string, operation: string, args: unknown): Promise<Actor> {
  const { where } = args as { where?: object };
  if (operation.startsWith('update') && where) {
    const rows =
      model === 'User'
        ? (await db.user.findMany({ where, select: { id: true }, take: 2 })).map(({ id }) => id)
        : model === 'Account'
          ? (await db.account.findMany({ where, select: { userId: true }, take: 2 })).map(({ userId }) => userId)
          : [];
    const [personId, another] = rows;
    if (personId !== undefined && another === undefined) return { personId };
  }
  return { server: 'accounts' };
}
