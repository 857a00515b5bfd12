// The runners' own reports: how many tests passed, and which failed and why.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export const reportsFolder = 'reports';

/**
 * Of all reports in the folder, as `{ passed, failures: [{ name, reason }] }`. A report that cannot be read counts as a failure,
 * and so does a test that passed at a second try.
 */
export function readReports() {
  const files = existsSync(reportsFolder) ? readdirSync(reportsFolder).filter((file) => file.endsWith('.json')) : [];
  const reports = files.map((file) => readReport(file));
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failures: reports.flatMap(({ failures }) => failures),
  };
}

/** For a step that has no report of its own, or whose report does not have its failure. */
export function writeFailure(name) {
  mkdirSync(reportsFolder, { recursive: true });
  const file = join(reportsFolder, `failed-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.json`);
  writeFileSync(file, JSON.stringify({ step: name }));
}

/** Last of all, so that the end of a long output shows what to fix: the failures, then `N passed, N failed`. */
export function tellResult({ passed, failures }) {
  for (const { name, reason } of failures) console.log(`\nFailed: ${name}${reason && `\n${indented(reason)}`}`);
  console.log(`\n${passed} passed, ${failures.length} failed`);
}

function readReport(file) {
  try {
    const report = JSON.parse(readFileSync(join(reportsFolder, file), 'utf8'));
    if (report.step) return { passed: 0, failures: [{ name: report.step, reason: '' }] };
    return report.stats ? readPlaywright(report) : readVitest(report);
  } catch (error) {
    return { passed: 0, failures: [{ name: `reading ${file}`, reason: error.message }] };
  }
}

function readPlaywright({ stats, suites, errors }) {
  const specs = suites
    .flatMap(specsIn)
    .filter(({ ok, tests }) => !ok || tests.some(({ status }) => status === 'flaky'));
  return {
    passed: stats.expected,
    failures: [
      ...specs.map(({ file, title, tests }) => ({
        name: `${file} › ${title}`,
        // Where a test ran out of its time, only the second error has the line that waited.
        reason: tests
          .flatMap(({ results }) => results)
          .flatMap(({ errors }) => errors.map((error) => error.message))
          .join('\n'),
      })),
      // What belongs to no test, as a file that could not be loaded.
      ...errors.map(({ message }) => ({ name: 'testing in a browser', reason: message })),
    ],
  };
}

function specsIn({ specs = [], suites = [] }) {
  return [...specs, ...suites.flatMap(specsIn)];
}

function readVitest({ numPassedTests, testResults }) {
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative('.', name);
    const tests = assertionResults.filter((test) => test.status === 'failed');
    // A file that could not be loaded is a failed one without tests.
    if (status === 'failed' && tests.length === 0) return [{ name: file, reason: message }];
    return tests.map(({ fullName, failureMessages }) => ({
      name: `${file} › ${fullName}`,
      reason: failureMessages[0] ?? '',
    }));
  });
  return { passed: numPassedTests, failures };
}

const MOST_LINES = 24;

function indented(reason) {
  const lines = stripVTControlCharacters(reason).trimEnd().split('\n').slice(0, MOST_LINES);
  return lines.map((line) => `  ${line}`).join('\n');
}

if (process.argv[1]?.endsWith('reports.mjs')) {
  // `node scripts/reports.mjs NAME…`: each of these failed as a whole.
  for (const name of process.argv.slice(2)) writeFailure(name);
  tellResult(readReports());
}
