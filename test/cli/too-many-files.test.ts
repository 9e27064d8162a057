import test from 'ava';
import { explainTooManyFiles } from '../../cli/too-many-files.js';
import { ImgkitError, isImgkitError } from '../../src/index.js';
import { createWorkspace } from '../helpers/imgkit.js';

for (const [what, error, sentence] of [
  ['opening a file', Object.assign(new Error("EMFILE: too many open files, open '/x'"), { code: 'EMFILE' }), /^This process may not open more files \(EMFILE\); raise the limit \(ulimit -n/],
  ['starting a thread', Object.assign(new Error('Worker initialization failure: EMFILE'), { code: 'ERR_WORKER_INIT_FAILED' }), /ulimit -n/],
  ['starting one thread too many', Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' }), /^This process may start no more threads \(EAGAIN\); raise the limit \(ulimit -u/],
  ['a machine at its end', Object.assign(new Error('ENFILE: file table overflow'), { code: 'ENFILE' }), /^This machine has too many files open \(ENFILE\)/],
] as const) {
  test(`too many files or threads, ${what}: io-failed, and what to do`, (t) => {
    const explained = explainTooManyFiles(error);
    if (!isImgkitError(explained, 'io-failed')) return t.fail();
    t.regex(explained.message, sentence);
    t.is(explained.cause, error);
  });
}

test('other errors stay what they are', (t) => {
  for (const error of [new TypeError('x'), new ImgkitError('usage', 'EMFILE'), 'EMFILE', undefined]) t.is(explainTooManyFiles(error), error);
});

test('with fewer files than the command needs, exit 6 and a word about ulimit', async (t) => {
  const lab = await createWorkspace();
  t.teardown(() => lab.remove());
  // With too few Node itself does not start; the first limit under which it does is too low for the command.
  for (let limit = 16; limit < 64; limit += 1) {
    const { code, stderr } = await lab.shell(`ulimit -n ${limit}; imgkit import bin app:1; exit $?`);
    if (code !== 0 && !stderr.startsWith('imgkit:')) continue;
    t.is(code, 6, `${limit}: ${stderr}`);
    t.regex(stderr, /EMFILE.*ulimit -n/);
    return;
  }
  t.fail('it never started');
});
