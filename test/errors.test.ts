import test from 'ava';
import { fromSystemError, ImgkitError, isImgkitError } from '../src/errors.js';

function systemError(code: string, errno = -1): Error {
  return Object.assign(new Error(`${code}: what the system says, open '/x'`), { code, errno });
}

for (const [code, expected, sentence] of [
  ['ENOENT', 'file-not-found', 'app.tar: no such file or folder; check the path.'],
  ['ENOSPC', 'disk-full', 'app.tar: the disk is full while writing it; free some space and run it again.'],
  ['EACCES', 'io-failed', 'app.tar: permission denied, while writing it (EACCES); check the owner and mode of it and of the folders above it.'],
  ['EISDIR', 'io-failed', 'app.tar: is a folder, while writing it (EISDIR); name a file.'],
  ['EMFILE', 'io-failed', 'app.tar: too many files are open, while writing it (EMFILE); raise the limit (ulimit -n) and run it again.'],
  ['ESTALE', 'io-failed', `app.tar: the system says "ESTALE: what the system says, open '/x'", while writing it (ESTALE); look at that file and its disk.`],
] as const) {
  test(`${code} is ${expected}, in words`, (t) => {
    const cause = systemError(code);
    const error = fromSystemError(cause, 'app.tar', 'writing it');
    if (!isImgkitError(error)) return t.fail();
    t.deepEqual([error.code, error.message, error.details.file, error.cause], [expected, sentence, 'app.tar', cause]);
  });
}

test('a message is one line, whatever the names in it', (t) => {
  const name = 'a\u007fb\u001b[2J\u0085c\r\nd\u202ee\u2028ä';
  const error = new ImgkitError('document-malformed', `${name}: is not right; look at it.`, { found: name });
  t.is(error.message, 'a\\x7fb\\x1b[2J\\x85c\\x0d\\x0ad\\u202ee\\u2028ä: is not right; look at it.');
  t.is(error.details.found, name);
});

test('what is no error of the system passes through', (t) => {
  for (const error of [new TypeError('x'), systemError('ERR_INVALID_ARG_TYPE'), new ImgkitError('usage', 'x'), 'x']) t.is(fromSystemError(error, 'f', 'reading it'), error);
});
