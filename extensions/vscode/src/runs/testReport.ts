import type { Fields } from '../endpoint/reading';

/** A case that did not pass. */
export interface TestFailure {
  readonly name: string;
  readonly status: string;
  readonly message: string | undefined;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

/** A report of tests (agent-executor-models 3.5), as a person sees it. */
export interface TestReport {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly errored: number;
  readonly complete: boolean;
  readonly failures: readonly TestFailure[];
}

/** Reads it; absent when there is none. A report that does not say that it is whole is not. */
export function readTestReport(fields: Fields | undefined): TestReport | undefined {
  if (fields === undefined) {
    return undefined;
  }

  return {
    total: fields.number('total') ?? 0,
    passed: fields.number('passed') ?? 0,
    failed: fields.number('failed') ?? 0,
    skipped: fields.number('skipped') ?? 0,
    errored: fields.number('errored') ?? 0,
    complete: fields.flag('complete') ?? false,
    failures: fields.list('cases').flatMap((one) => {
      const status = one.text('status') ?? 'unknown';
      return status === 'passed' || status === 'skipped'
        ? []
        : [{ name: one.text('name') ?? 'a test without a name', status, message: one.text('message'), expected: one.text('expected'), actual: one.text('actual') }];
    }),
  };
}

/** In one line. Passed is said only where at least one test ran, all passed and the report is whole. */
export function testLine(report: TestReport): string {
  const counts = [`${report.passed} passed`];
  for (const [count, word] of [[report.failed, 'failed'], [report.errored, 'errored'], [report.skipped, 'skipped']] as const) {
    if (count > 0) {
      counts.push(`${count} ${word}`);
    }
  }

  return `${hasPassed(report) ? '✓' : '✗'} ${report.total === 0 ? 'no test ran' : counts.join(', ')}${report.complete ? '' : ' (the report is not whole: not a pass)'}`;
}

/** Whether it is a pass. */
export function hasPassed(report: TestReport): boolean {
  return report.complete && report.passed > 0 && report.failed === 0 && report.errored === 0 && report.passed + report.skipped === report.total;
}

/** What failed, for reading. */
export function failureLines(report: TestReport): readonly string[] {
  return report.failures.flatMap((failure) => [
    `${failure.status.toUpperCase()} ${failure.name}`,
    ...(failure.expected === undefined ? [] : [`  expected: ${failure.expected}`]),
    ...(failure.actual === undefined ? [] : [`  actual:   ${failure.actual}`]),
    ...(failure.message === undefined ? [] : failure.message.split('\n').map((line) => `  ${line}`)),
  ]);
}
