import type { Marked } from '../endpoint/client';
import { type RanOn, readRanOn, routeLine } from '../status/ranOn';
import { failureLines, readTestReport, type TestReport, testLine } from './testReport';

/** A run that came to its end, as a person sees it. */
export interface RunResult {
  readonly outcome: string;
  readonly verification: string | undefined;
  readonly message: string | undefined;
  readonly plan: readonly string[];
  readonly language: string | undefined;
  /** The code asked for; absent when none was made. */
  readonly code: string | undefined;
  readonly tests: string | undefined;
  readonly report: TestReport | undefined;
  readonly ranOn: RanOn;
}

/** Reads the answer of `/run…`. */
export function readRunResult(answer: Marked): RunResult {
  const { fields } = answer;
  const code = fields.text('generatedCode');
  return {
    outcome: fields.text('outcome') ?? 'unknown',
    verification: fields.text('verification'),
    message: fields.text('outcomeMessage'),
    plan: fields.list('plan').flatMap((step) => step.text('description') ?? []),
    language: fields.text('language'),
    code: code === '' ? undefined : code,
    tests: fields.text('tests'),
    report: readTestReport(fields.fields('testReport') ?? fields.fields('runResult')?.fields('tests')),
    ranOn: readRanOn(answer),
  };
}

/** How it ended, in one line. */
export function outcomeLine(result: RunResult): string {
  const words: Readonly<Record<string, string>> = {
    succeeded: 'Succeeded',
    unverified: 'Not verified: no test could be run',
    failed: 'Failed',
    escalated: 'Handed on',
    cancelled: 'Cancelled',
    budget_exhausted: 'Stopped: the budget is used up',
  };
  const line = words[result.outcome] ?? 'The answer does not say how it ended';
  const trust = result.verification === 'self-tested' ? ' (only tests that the model wrote: read them before you trust the code)' : result.verification === undefined ? '' : ` (${result.verification})`;
  return `${line}${result.outcome === 'succeeded' ? trust : ''}${result.message === undefined ? '' : `. ${result.message}`}`;
}

/** The whole result as plain text; it is shown in a read-only editor and never drawn as Markdown. */
export function resultDocument(result: RunResult, label: string, showRoute: boolean): string {
  return [
    label,
    '',
    outcomeLine(result),
    ...(showRoute ? [routeLine(result.ranOn)] : []),
    ...(result.report === undefined ? [] : ['', 'Tests', ...indented([testLine(result.report), ...failureLines(result.report)])]),
    ...(result.plan.length === 0 ? [] : ['', 'Plan', ...indented(result.plan.map((step, index) => `${index + 1}. ${step}`))]),
    '',
    ...(result.code === undefined ? ['There is no code.'] : ['Code', ...indented(result.code.split('\n'))]),
    ...(result.tests === undefined ? [] : ['', 'Text of the tests', ...indented(result.tests.split('\n'))]),
    '',
  ].join('\n');
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}
