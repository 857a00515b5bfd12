// The runners' own reports, in numbers.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const reportsFolder = 'reports';

/** Over all reports in the folder. A report that cannot be read counts as a failure. */
export function countReports() {
  const files = existsSync(reportsFolder) ? readdirSync(reportsFolder).filter((file) => file.endsWith('.json')) : [];
  const counts = files.map((file) => countReport(join(reportsFolder, file)));
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** For a step that has no report of its own, or whose report does not tell of its failure. */
export function writeFailure(name) {
  mkdirSync(reportsFolder, { recursive: true });
  const file = join(reportsFolder, `failed-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.json`);
  writeFileSync(file, JSON.stringify({ stats: { expected: 0, unexpected: 1, flaky: 0 } }));
}

function countReport(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    if (report.stats) return { passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky };
    // Vitest counts a file that could not be loaded as a failed suite without tests.
    const broken = report.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

if (process.argv[1]?.endsWith('reports.mjs')) {
  // `node scripts/reports.mjs NAME…`: each of these failed as a whole.
  for (const name of process.argv.slice(2)) writeFailure(name);
  const { passed, failed } = countReports();
  console.log(`${passed} passed, ${failed} failed`);
}
