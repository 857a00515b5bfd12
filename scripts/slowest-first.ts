import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long for their size, the slowest first. */
const slowest = [
  'api/changelog/cli/folder.long.test.ts',
  'api/changelog/processes.long.test.ts',
  'api/runner/deaths.long.test.ts',
  'web/testing/resume.long.test.ts',
  'api/graphql/requested-cost.long.test.ts',
  'cluster/chaos.test.ts',
  'cluster/deaths.test.ts',
];

/**
 * Where no durations are known, as on a machine of CI, Vitest begins with the largest files. A slow one that is small would begin last, and
 * the other processes would have nothing to do until it ends.
 */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = slowest.findIndex((name) => moduleId.endsWith(name));
      return found < 0 ? slowest.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
