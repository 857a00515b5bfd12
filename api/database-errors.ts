/** Which errors of the database can pass by themselves. */
import { Prisma } from './generated/prisma/client.ts';

/** Prisma's codes of a connection that is lost or not to be had, of a time limit, and of a conflict between transactions. */
const passing = new Set(['P1000', 'P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);

/**
 * PostgreSQL's: connection exceptions, lack of resources, shutdown and start, serialization failure and deadlock, a lock or an answer
 * that took too long.
 */
const passingStates = /^(?:08...|53...|57P0.|57014|40001|40P01|40003|55P03|58...|25P0[34])$/;

const passingSystemCodes = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ENOSPC|EDQUOT)/;

/** Whether the same statement may succeed later: the connection was lost, or another transaction was in the way. */
export function canPass(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (error instanceof Prisma.PrismaClientValidationError) return false;
  const codes = codesIn(error);
  return codes.some((code) => passing.has(code) || passingStates.test(code) || passingSystemCodes.test(code));
}

/** Of an error, what caused it, and what Prisma keeps of the driver's. */
function codesIn(error: unknown): string[] {
  const codes: string[] = [];
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 6; depth += 1) {
    const { code, originalCode, meta, cause, kind, message } = at as Record<string, unknown>;
    for (const each of [code, originalCode]) if (typeof each === 'string') codes.push(each);
    if (passingKinds.has(String(kind)) || isLost(String(message))) codes.push('P1017');
    at = (meta as Record<string, unknown> | undefined)?.['driverAdapterError'] ?? cause;
  }
  return codes;
}

/** Names that Prisma's driver adapters give them. */
const passingKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TransactionWriteConflict',
  'TooManyConnections',
]);

/** Drivers throw these without a code. */
function isLost(message: string): boolean {
  return /PostgreSQL is silent|Connection terminated|connection is closed|timeout exceeded when trying to connect|encountered a connection error|Client was closed|Transaction already closed|Transaction not found/i.test(
    message,
  );
}
