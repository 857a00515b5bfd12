/** What an error of the database says of the same statement later. */
import { Prisma } from '../generated/prisma/client.ts';

/**
 * TRANSIENT: it may succeed later, since the connection was lost, the server refuses writes at present, or another transaction was
 * in the way. REFUSED: the data or the statement are at fault, and the answer will always be the same. UNKNOWN: none of these is sure.
 */
export type DatabaseErrorKind = 'TRANSIENT' | 'REFUSED' | 'UNKNOWN';

/**
 * Prisma's codes of a connection that is lost or not to be had, of access that is denied, of a time limit, and of a conflict between
 * transactions.
 */
const transientCodes = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1008',
  'P1010',
  'P1011',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  'P2037',
]);

/**
 * PostgreSQL's: connection exceptions, a server that was demoted to a standby, idle and long transactions, failed logins (a password
 * that is being changed), lack of resources, shutdown and start, serialization failure and deadlock, a lock that took too long.
 */
const transientStates = /^(?:08...|25006|25P0[34]|28...|53...|57...|40001|40P01|40003|55P03|58...)$/;

const transientSystemCodes = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ENOSPC|EDQUOT)/;

/**
 * Prisma's codes of values and rows that do not fit, of tables and columns that are missing; PostgreSQL's of data exceptions, violated
 * constraints, syntax and names, exceeded program limits, and errors that a trigger raises.
 */
const refusedCodes = /^P20(?:0[0-79]|1[1-9]|2[0-35]|33)$/;
const refusedStates = /^(?:22|23|42|44|54|P0)...$/;

export function kindOfDatabaseError(error: unknown): DatabaseErrorKind {
  if (error instanceof Prisma.PrismaClientInitializationError) return 'TRANSIENT';
  if (error instanceof Prisma.PrismaClientValidationError) return 'REFUSED';
  const codes = codesIn(error);
  if (codes.some(isTransient)) return 'TRANSIENT';
  return codes.some((code) => refusedCodes.test(code) || refusedStates.test(code)) ? 'REFUSED' : 'UNKNOWN';
}

function isTransient(code: string): boolean {
  return transientCodes.has(code) || transientStates.test(code) || transientSystemCodes.test(code);
}

/** Of an error, what caused it, and what Prisma keeps of the driver's. */
function codesIn(error: unknown): string[] {
  const codes: string[] = [];
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 6; depth += 1) {
    const { code, originalCode, meta, cause, kind, message } = at as Record<string, unknown>;
    for (const each of [code, originalCode]) if (typeof each === 'string') codes.push(each);
    if (transientKinds.has(String(kind)) || isLost(String(message))) codes.push('P1017');
    at = (meta as Record<string, unknown> | undefined)?.['driverAdapterError'] ?? cause;
  }
  return codes;
}

/** Names that Prisma's driver adapters give them. */
const transientKinds = new Set([
  'AuthenticationFailed',
  'DatabaseAccessDenied',
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
