/** How far the files of the change log are, for administrators. */
import { notCaptured } from '../changelog/capture.ts';
import { sizeOf } from '../changelog/directory.ts';
import { wantBase } from '../changelog/state.ts';
import { db } from '../database/db.ts';
import { write } from '../database/write.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import { env } from '../env.ts';
import { tableViews } from './columns.ts';

export interface ChangelogState {
  /** Those that are captured. */
  tables: string[];
  isOn: boolean;
  problem: string | null;
  commit: number | null;
  lagCommits: number;
  lagSeconds: number;
  baseAt: Date | null;
  baseWantedAt: Date | null;
  verifiedAt: Date | null;
  verifyProblem: string | null;
}

/** So many entries that wait are counted. */
const MOST_WAITING = 10_000;

/** It is on where the triggers are there: that is what makes a write wait for a file. */
export async function readChangelog(): Promise<ChangelogState> {
  const [state] = await db.$queryRaw<Omit<ChangelogState, 'tables'>[]>`
    WITH waiting AS (
      SELECT xid, min(began) AS began FROM (
        SELECT e.xid, e.began FROM change_entry e, changelog_state s WHERE e.seq > s.done_seq ORDER BY e.seq LIMIT ${MOST_WAITING}::int
      ) e
      WHERE NOT EXISTS (
        SELECT FROM change_commit c, changelog_state s WHERE c.last_seq > s.done_seq AND c.xid = e.xid AND c.began = e.began
      )
      GROUP BY xid
    )
    SELECT
      EXISTS (
        SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgname = '000_capture_row' AND c.relnamespace = current_schema()::regnamespace
      ) AS "isOn",
      s.problem, s.commit::float8 AS "commit", (SELECT count(*) FROM waiting)::int AS "lagCommits",
      greatest(0, coalesce((SELECT extract(epoch FROM clock_timestamp() - min(began)) FROM waiting), 0))::float8 AS "lagSeconds",
      s.base_at AS "baseAt", s.base_wanted_at AS "baseWantedAt", s.verified_at AS "verifiedAt", s.verify_problem AS "verifyProblem"
    FROM changelog_state s`;
  if (!state) throw new Error('The row of changelog_state is gone.');
  const views = await tableViews();
  return { ...state, tables: views.map(({ relation }) => relation).filter((relation) => !(relation in notCaptured)) };
}

/** In bytes, on this node; null where the directory cannot be read. */
export function directorySize(): Promise<number | null> {
  return sizeOf(env.CHANGELOG_DIR).catch(() => null);
}

/** The node that has the lease does it as soon as it can. */
export async function askForBase(viewer: Viewer): Promise<void> {
  await write(actorOf(viewer), async ({ tx, announce }) => {
    await wantBase(tx, false);
    announce('changesWait');
  });
}
