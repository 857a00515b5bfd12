/** Which tables the triggers of the change log capture, and the switch for all of them. The triggers are in the migration. */
import { db } from '../database/db.ts';

/** Tables whose rows are in no file, and why. Every other table is captured: a new one is by itself, at the next start. */
export const notCaptured: Record<string, string> = {
  _prisma_migrations: 'A replay applies the migrations themselves.',
  change_commit: 'It is the log.',
  change_entry: 'It is the log.',
  changelog_state: 'It is the log.',
  external_answer: 'How far an answer of a service agent has come: changes with each of its words.',
  node: 'Heartbeats: of no use when the processes are gone.',
  run_checkpoint: 'Text that is on its way to a message, written each second.',
  session: 'Whoever could read it could sign in. After a recovery people sign in again.',
  verification: 'Proofs that are valid for minutes, secrets too.',
};

/** Tables that hold hashes of passwords or tokens: their rows are in the secrets files alone. */
export const secretTables: ReadonlySet<string> = new Set(['account', 'api_token', 'invitation', 'two_factor']);

/** Makes the triggers of every captured table that has none, or drops all of them. Under the lock of the migrations. */
export async function captureChanges(isOn: boolean): Promise<void> {
  await db.$queryRaw`SELECT capture_changes(${isOn}::boolean, ${Object.keys(notCaptured)}::text[])::text`;
}
