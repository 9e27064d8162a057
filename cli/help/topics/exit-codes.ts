import { EXIT, exitCodes, type ExitCode } from '../../exit-code.js';
import { terms, text, type Topic } from '../blocks.js';

const MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.done, 'Done; or the answer is yes'],
  [EXIT.no, 'The answer is no: it differs, it is not there'],
  [EXIT.usage, 'The request makes no sense'],
  [EXIT.input, 'The input is broken: format, digest, limit'],
  [EXIT.refused, 'Refused: signature, policy, trust, a name that would move'],
  [EXIT.network, 'Network, engine or registry'],
  [EXIT.io, 'Disk or other input and output; or a bug of imgkit'],
  [EXIT.interrupted, 'Interrupted by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP. Nothing partial is left'],
];

/** What the numbers mean, with the error codes of each. */
export function exitCodesTopic(): Topic {
  const codesOf = (exit: ExitCode): string =>
    Object.entries(exitCodes).filter(([, each]) => each === exit).map(([code]) => code).join(', ');
  return {
    name: 'exit-codes',
    summary: 'What the process says when it ends',
    blocks: [
      text('Scripts can rely on these numbers. With --json, standard error has the error as a document with its code; imgkit help CODE explains it and says what to do, like imgkit help digest-mismatch.'),
      terms(...MEANINGS.map(([exit, meaning]) => [String(exit), codesOf(exit) === '' ? `${meaning}.` : `${meaning}. ${codesOf(exit)}`] as const)),
      text('diff exits with 1 when something differs; so what is missing is 2 there, as for diff of files. trust check exits with 1 when something needs attention.'),
      text('imgkit verify turns errors about the input into findings, shows all of them, and exits with 3, or with 4 when signatures are refused.'),
    ],
  };
}
