import test from 'ava';
import { isImgkitError } from '../../src/errors.js';
import { parseLocation, type Location } from '../../src/image/location.js';

const hex = 'a'.repeat(64);
const archive = (path: string, ref?: string) => ({ kind: 'archive', path, ...(ref && { ref }) });

const table: readonly (readonly [string, object])[] = [
  ['docker-daemon:', { kind: 'docker-daemon' }],
  ['docker-daemon:app', { kind: 'docker-daemon', reference: 'docker.io/library/app:latest' }],
  [`docker-daemon:sha256:${hex}`, { kind: 'docker-daemon', reference: `sha256:${hex}` }],
  [`docker-daemon:${hex}`, { kind: 'docker-daemon', reference: `sha256:${hex}` }],
  ['docker://', { kind: 'registry-host' }],
  ['docker://h:5000/', { kind: 'registry-host', under: 'h:5000/' }],
  ['docker://h.example/team/a/', { kind: 'registry-host', under: 'h.example/team/a/' }],
  ['docker://app:5000', { kind: 'registry', reference: 'docker.io/library/app:5000' }],
  ['docker://app', { kind: 'registry', reference: 'docker.io/library/app:latest' }],
  [`docker://h:5000/a@sha256:${hex}`, { kind: 'registry', reference: `h:5000/a@sha256:${hex}` }],
  ['docker-archive:a.tar', { kind: 'docker-archive', path: 'a.tar' }],
  ['docker-archive:/x/a.tar:h:5000/app:1', { kind: 'docker-archive', path: '/x/a.tar', reference: 'h:5000/app:1' }],
  ['docker-archive:a.tar:app', { kind: 'docker-archive', path: 'a.tar', reference: 'docker.io/library/app:latest' }],
  ['docker-archive:a.tar:@1', { kind: 'docker-archive', path: 'a.tar', index: 1 }],
  ['oci-archive:a.tar', { kind: 'oci-archive', path: 'a.tar' }],
  ['oci-archive:a.tar:v1', { kind: 'oci-archive', path: 'a.tar', ref: 'v1' }],
  ['oci:dir', { kind: 'oci-layout', path: 'dir' }],
  ['oci:dir:docker.io/library/a:1', { kind: 'oci-layout', path: 'dir', ref: 'docker.io/library/a:1' }],
  ['oci:./~/x', { kind: 'oci-layout', path: './~/x' }],
  ['store:', { kind: 'store' }],
  ['store:app', { kind: 'store', reference: 'docker.io/library/app:latest' }],
  ['store:app.tar', { kind: 'store', reference: 'docker.io/library/app.tar:latest' }],
  [`store:sha256:${hex}`, { kind: 'store', digestPrefix: `sha256:${hex}` }],
  ['store:abcdef012345', { kind: 'store', digestPrefix: 'sha256:abcdef012345' }],
  ['store:abcdef01234', { kind: 'store', reference: 'docker.io/library/abcdef01234:latest' }],
  ['app', { kind: 'store', reference: 'docker.io/library/app:latest' }],
  ['team/app:1.9.6', { kind: 'store', reference: 'docker.io/team/app:1.9.6' }],
  ['docker:dind', { kind: 'store', reference: 'docker.io/library/docker:dind' }],
  ['abcdef012345', { kind: 'store', digestPrefix: 'sha256:abcdef012345' }],
  ['-', archive('-')],
  ['-#app:1', archive('-', 'app:1')],
  ...['./app', '../x', '/a', '~/a', '.', 'app.tar', 'a.tgz', 'a.tar.gz', 'a.tar.zst', 'a.tar.zstd', 'a.tzst', 'a.tar.xz', 'a.tar.bz2', 'a.tar.lz4', 'a.txz', 'a.oci', 'a.tar.age', 'dir/A.TAR', 'app:1.tar'].map(
    (path): readonly [string, object] => [path, archive(path)],
  ),
  ['app.tar#app:1', archive('app.tar', 'app:1')],
  ['./a#b.tar#', archive('./a#b.tar')],
  ['https://h/a.tar', { kind: 'url', url: 'https://h/a.tar' }],
  ['sftp://me@h:22/x/app#app:1', { kind: 'url', url: 'sftp://me@h:22/x/app', ref: 'app:1' }],
  ['FTPS://h/a', { kind: 'url', url: 'FTPS://h/a' }],
  ['ftp://h/pub/', { kind: 'url', url: 'ftp://h/pub/' }],
  ['ftpes://h/pub/app.tar', { kind: 'url', url: 'ftpes://h/pub/app.tar' }],
  ['https://h/a.tar?X-Signature=1#app:1', { kind: 'url', url: 'https://h/a.tar?X-Signature=1', ref: 'app:1' }],
  ['file:///media/usb/a%20b.tar', { kind: 'url', url: 'file:///media/usb/a%20b.tar' }],
];

for (const [text, expected] of table) {
  test(`${text} is ${JSON.stringify(expected)}`, t => {
    // A query may be a signature: it is in the URL, and not in what is printed.
    t.deepEqual(parseLocation(text), { text: text.replace(/\?[^#]*/, '?…'), ...expected } as Location);
  });
}

for (const [text, code, says] of [
  ['', 'location-invalid', /empty/],
  ['a\0b', 'location-invalid', /NUL/],
  ['docker://team/', 'location-invalid', /begins with a host.*docker:\/\/HOST/],
  ['docker://127.0.0.1:5000', 'location-invalid', /a host and a port.*docker:\/\/HOST:PORT\/NAME/],
  ['docker://localhost:5000', 'location-invalid', /a host and a port/],
  ['docker://registry.example:443', 'location-invalid', /a host and a port/],
  ['docker://h.example//', 'reference-invalid', /not an image name/],
  ['docker-archive:', 'location-invalid', /path is missing/],
  ['oci::x', 'location-invalid', /path is missing/],
  ['oci:~/x:app', 'location-invalid', /write \$HOME\/x, or \.\/~\/x/],
  ['docker-archive:~', 'location-invalid', /write \$HOME,/],
  ['docker-archive:a.tar:@-1', 'location-invalid', /counted from 0/],
  ['docker-archive:a.tar:UP', 'reference-invalid', /upper-case/],
  ['containers-storage:x', 'location-unsupported', /docker-daemon:, docker:\/\/.*store:/],
  ['dir:/x', 'location-unsupported', /"dir:"/],
  ['s3://b/a.tgz2', 'location-unsupported', /"s3:"/],
  ['store:sha256:abc', 'location-invalid', /12 to 64/],
  [`store:sha256:${hex}a`, 'location-invalid', /12 to 64/],
  ['app#x', 'location-invalid', /no #REF/],
  ['docker-daemon', 'location-ambiguous', /write docker-daemon: .*store:docker-daemon/],
  ['oci', 'location-ambiguous', /store:oci/],
  ['UPPER', 'reference-invalid', /upper-case/],
  ['https://', 'location-invalid', /malformed/],
  ['sftp://me@h:pub/app.tar', 'location-invalid', /^Location "sftp:\/\/\.\.\.": the URL is malformed; write sftp:\/\/\[USER@\]HOST\[:PORT\]\/PATH, with a number as port/],
  ['https://h/#x', 'location-invalid', /names a folder/],
  ['file://h/a.tar', 'location-invalid', /three slashes/],
  ['sftp://h/what?.tar', 'location-invalid', /%3F/],
] as const) {
  test(`${JSON.stringify(text)} is refused: ${code}`, t => {
    t.regex(t.throws(() => parseLocation(text), { code })?.message ?? '', says);
  });
}

test('a password in a URL is refused and not repeated', t => {
  const error = t.throws(() => parseLocation('sftp://me:hunter2@h/a.tar'), { code: 'location-invalid', message: /netrc/ });
  t.true(isImgkitError(error));
  t.notRegex(`${error?.message} ${JSON.stringify(isImgkitError(error) && error.details)}`, /hunter2/);
});

for (const text of ['docker://me:hunter2@h/app:1', 'docker://me:hunter2@h:5000/', 'docker://me:hun/hunter2@h/app', 'docker://https://me:hunter2@h/app', 'scp://me:hunter2@h/a.tar', 'me:hunter2@h/app', 'docker-daemon:me:hunter2@h', 'docker://me:hunter2@h:5000', 'docker-daemon:me:hunter2@h@sha256:1', 'sftp://me:hunter2@h:99999/a']) {
  test(`the password of ${text} is not repeated`, t => {
    const error = t.throws(() => parseLocation(text));
    t.true(isImgkitError(error, 'location-invalid', 'location-unsupported', 'reference-invalid'));
    t.notRegex(`${error?.message} ${JSON.stringify(isImgkitError(error) && error.details)}`, /hunter2/);
  });
}

test('a login before a registry is told where logins go; a digest behind a name is none', t => {
  t.throws(() => parseLocation('docker://me:hunter2@h/app'), { code: 'location-invalid', message: /imgkit login/ });
  t.throws(() => parseLocation('docker://me@h:5000/app'), { code: 'location-invalid', message: /imgkit login/ });
  t.throws(() => parseLocation('docker://h:5000/app:1@sha256:12'), { code: 'reference-invalid', message: /"h:5000\/app:1@sha256:12" has a malformed digest/ });
  t.throws(() => parseLocation('docker://h:5000/app:1@1'), { code: 'reference-invalid', message: /"h:5000\/app:1@1" has a malformed digest/ });
});

test('a word that is a name and a file is ambiguous, and both spellings are not', t => {
  const exists = (path: string): boolean => path === 'app';
  t.throws(() => parseLocation('app', exists), { code: 'location-ambiguous', message: /\.\/app .*store:app / });
  t.throws(() => parseLocation('app#v1', exists), { code: 'location-ambiguous' });
  t.is(parseLocation('./app', exists).kind, 'archive');
  t.is(parseLocation('store:app', exists).kind, 'store');
  t.is(parseLocation('other', exists).kind, 'store');
});
