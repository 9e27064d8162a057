import type { Finding, VerifyReport } from '../../src/index.js';
import { escape } from './escape.js';
import { called } from './names.js';
import type { Style } from './style.js';
import { count } from './units.js';
import { columnsOf, padEnd, wrap } from './width.js';

interface VerifyView {
  readonly width: number | undefined;
  readonly style: Style;
}

const STATUS = { ok: 'ok', note: 'note', failed: 'FAILED' } as const;
const INDENT = 8;

/** One line per finding, then the images and the verdict. */
export function renderVerify(report: VerifyReport, view: VerifyView): readonly string[] {
  return [...report.findings.flatMap((finding) => findingLines(finding, view)), ...imageLines(report), summary(report, view.style)];
}

/** What failed, and nothing else. */
export function renderFailures(report: VerifyReport, view: VerifyView): readonly string[] {
  return report.findings.filter((finding) => finding.status === 'failed').flatMap((finding) => findingLines(finding, view));
}

function findingLines(finding: Finding, { width, style }: VerifyView): readonly string[] {
  const paint = finding.status === 'failed' ? style.bad : finding.status === 'note' ? style.note : (text: string) => text;
  const subject = escape(shorten(finding.subject));
  const message = escape(finding.message);
  const head = `${padEnd(finding.check, 17)} ${subject}`;
  const rest = message === '' ? '' : `  ${message}`;
  const one = `${padEnd(STATUS[finding.status], 7)}${head}${rest}`;
  const lines = width === undefined || columnsOf(one) <= width ? [one] : [`${padEnd(STATUS[finding.status], 7)}${head}`, ...wrap(message, width - INDENT).map(indent)];
  const painted = [paint((lines[0] as string).slice(0, 6)) + (lines[0] as string).slice(6), ...lines.slice(1)];
  if (finding.status !== 'failed') return painted;
  return [
    ...painted,
    ...(finding.expected === undefined ? [] : [`  wanted ${escape(finding.expected)}`]),
    ...(finding.found === undefined ? [] : [`  found  ${escape(finding.found)}`]),
    ...(finding.offset === undefined ? [] : [`  at byte ${finding.offset}`]),
  ];
}

function imageLines(report: VerifyReport): readonly string[] {
  return report.images.flatMap((image) => {
    const names = called(image).join(', ');
    const origin = image.manifestOrigin === 'synthesized' ? ' (manifest synthesized: the archive holds none)' : '';
    return [`image  ${names}${origin}`, `       ${image.digest}`];
  });
}

function summary(report: VerifyReport, style: Style): string {
  const number = (status: Finding['status']): number => report.findings.filter((finding) => finding.status === status).length;
  const notes = number('note') === 0 ? '' : `, ${count(number('note'), 'note')}`;
  const matched = report.matched === undefined ? '' : `; the expected digest is that of the ${report.matched}`;
  const format = report.format === undefined ? '' : ` (${escape(report.format)})`;
  const where = `${escape(report.location)}${format}`;
  if (report.ok && report.signatureOnly === true) return `${where}: signed, ${count(number('ok'), 'check')} ok${notes}; nothing else was looked at`;
  if (report.ok) return `${where}: verified, ${count(number('ok'), 'check')} ok${notes}${matched}`;
  return `${where}: ${style.bad('FAILED')}, ${number('failed')} of ${count(report.findings.length, 'check')}${notes}${matched}`;
}

/** Docker's 12 digits are enough to find a blob by; a wrong digest is printed whole under its line. */
function shorten(subject: string): string {
  return subject.replace(/\b(sha256|sha512):([a-f0-9]{12})[a-f0-9]{52,116}/g, '$1:$2...');
}

function indent(line: string): string {
  return ' '.repeat(INDENT) + line;
}
