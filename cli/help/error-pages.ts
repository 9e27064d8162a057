import type { ErrorCode } from '../../src/index.js';
import { EXIT, exitCodes, type ExitCode } from '../exit-code.js';
import { errorIndex } from './error-index.js';
import { HELP_WIDTH, termLines } from './text.js';
import { wrap } from '../render/width.js';

/** What each number says, as a heading. */
const MEANINGS: Readonly<Record<ExitCode, string>> = {
  [EXIT.done]: 'done',
  [EXIT.no]: 'the answer is no',
  [EXIT.usage]: 'the request makes no sense',
  [EXIT.input]: 'the input is broken',
  [EXIT.refused]: 'refused',
  [EXIT.network]: 'network or peer',
  [EXIT.io]: 'disk or other I/O',
  [EXIT.interrupted]: 'interrupted',
};

/** 1 is an answer of `diff` already. */
const DIFF_NOTE = 'Of `diff`, 1 says that the images differ; what is missing is 2 there, as for `diff` of files.';

export function isErrorCode(word: string): word is ErrorCode {
  return Object.hasOwn(errorIndex, word);
}

/** What `imgkit help CODE` prints. */
export function errorHelp(code: ErrorCode): string {
  const { cause, remedy } = errorIndex[code];
  const exit = exitCodes[code];
  const note = exit === EXIT.no ? ['', ...wrap(plain(DIFF_NOTE), HELP_WIDTH)] : [];
  return `${[`${code}: exit ${exit}, ${MEANINGS[exit]}.`, '', ...termLines([['Cause', plain(cause)], ['Remedy', plain(remedy)]]), ...note].join('\n')}\n`;
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

const BEGIN = '<!-- npm run docs makes what follows from cli/help/error-index.ts -->\n\n';
const END = '\n\n<!-- as far as here -->';

/** docs/errors.md with its tables made anew; what stands around them stays. Throws when the marks are not there. */
export function withErrorTables(page: string): string {
  const [before, old, after] = page.split(new RegExp(`(${BEGIN}.*${END})`, 's'));
  if (before === undefined || old === undefined || after === undefined) throw new Error('docs/errors.md has lost the marks of its tables.');
  return `${before}${BEGIN}${errorTables()}${END}${after}`;
}

/** A section for each exit code. */
function errorTables(): string {
  const codes = Object.keys(errorIndex) as ErrorCode[];
  return [...new Set(codes.map((code) => exitCodes[code]))].map((exit) => [
    `## Exit ${exit}: ${MEANINGS[exit]}`,
    '',
    ...(exit === EXIT.no ? [DIFF_NOTE, ''] : []),
    '| Code | Exit | Cause | Remedy |',
    '|---|---|---|---|',
    ...codes.filter((code) => exitCodes[code] === exit).map((code) => `| \`${code}\` | ${exit} | ${linked(errorIndex[code].cause)} | ${linked(errorIndex[code].remedy)} |`),
  ].join('\n')).join('\n\n');
}

/** The page lies in docs itself. */
function linked(text: string): string {
  return text.replaceAll(/docs\/([a-z-]+\.md)/g, '[$1]($1)');
}
