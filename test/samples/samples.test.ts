import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { sameBytes } from '../content/bytes.js';
import { run } from '../helpers/run.js';

const compiled = resolve(import.meta.dirname, '../../samples');

/** What each sample prints; `DIGEST` stands for any sha256 digest. */
const OUTPUT: Readonly<Record<string, readonly string[]>> = {
  load: ['docker.io/library/hello:1.2.0 DIGEST (synthesized)', 'written: yes, the second time: no'],
  save: ['hybrid archive with 2 images', 'docker.io/library/hello:1.2.0', 'docker.io/library/hello:1.3.0'],
  copy: ['oci-archive: docker.io/library/hello:1.2.0', 'image ID kept', 'manifest changed because its layers changed their compression'],
  list: ['docker.io/library/hello:multi: index (oci-archive)', '  linux/amd64 present', '  linux/arm64 present'],
  inspect: ['docker.io/library/hello:1.2.0 linux/amd64, 2 layers', 'version: 1.2.0 (org.opencontainers.image.version)', 'image ID DIGEST'],
  history: ['CMD ["/bin/hello"]: no layer', 'COPY VERSION /: 2048 bytes', 'COPY bin etc www /: '],
  digest: ['file DIGEST', 'docker.io/library/hello:1.2.0 manifest DIGEST config DIGEST'],
  verify: ['right: ', 'broken: ', 'blob: the content was changed or damaged', '  expected DIGEST', '  found    DIGEST'],
  tags: ['docker.io/library/hello:1.2, docker.io/library/hello:1', 'hello:1 is another image', 'moved docker.io/library/hello:1', 'freed 3 blobs'],
  progress: ['3 blobs, ', 'interrupted; images in the store: 0'],
  send: ['sent DIGEST, proven by hash', 'already-there DIGEST', 'hello.tar complete'],
  fetch: ['hello.tar DIGEST, checked by the statement, with hello.tar.sha256', 'bare.tar: nothing says what it should be'],
  watch: ['accepted hello.tar: docker.io/library/hello:1.2.0', 'refused noise.tar: ', '1 accepted, 1 refused', 'in quarantine: noise.tar, noise.tar.reason.json, noise.tar.reason.txt', 'in the store: 1 image'],
  sign: ['ssh signature over 1 file', 'signed by release@acme.example', 'right: true', 'refused: signature-invalid'],
  encrypt: ['encrypted for 1 receiver', 'the same bytes: true', 'loaded docker.io/library/hello:1.2.0', 'nobody else can open it'],
  trust: ['loaded docker.io/library/hello:1.2.0', 'refused hello:1.3.0: signature-missing'],
  'look-inside': ['/VERSION: 6 bytes, layer 2 of 2', '/etc/motd: 71 bytes, layer 1 of 2', '/VERSION says 1.2.0'],
  diff: ['they differ', 'changed /VERSION (content)', 'Labels org.opencontainers.image.version: 1.2.0 -> 1.3.0', 'a layer of both: nothing read', 'a layer of one: all read'],
  export: ['7 entries, sized as planned', '1 file in 1 folder: '],
  make: ['docker.io/library/site:1: CMD ["/bin/hello"]', '1 layer on top of hello.tar', 'ENV LANG=C: 0 files and 1 setting differ'],
  shrink: ['shadowed: 5000 bytes', '2 layers replaced by one: 0 bytes', '4 layers replaced by one: 0 bytes'],
  'make-image': ['hello.tar: hello:1.2.0, image ID DIGEST'],
  'make-index': ['multi.oci: hello:multi, index DIGEST'],
  demo: ['$ imgkit load hello.tar', '$ imgkit list', '$ imgkit save hello:1.2.0 -o carry.tar', '$ imgkit verify carry.tar', 'verified', '# On the other side', '$ imgkit load carry.tar', '$ imgkit history hello:1.2.0', 'It worked'],
};

/** Samples that need a server: test/peers runs them. */
const WITH_SERVER: readonly string[] = ['registry'];

async function inFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-samples-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('every sample is tested', async (t) => {
  const names = (await readdir(compiled)).filter((name) => name.endsWith('.js')).map((name) => name.slice(0, -3));
  t.deepEqual(names.sort(), [...Object.keys(OUTPUT), ...WITH_SERVER].sort());
});

for (const [name, lines] of Object.entries(OUTPUT)) {
  test(`sample ${name} runs`, async (t) => {
    const folder = await inFolder(t);
    // Temporary files go where the test can see whether any is left.
    const env = { TMPDIR: folder, IMGKIT_HOME: join(folder, 'unused') };
    const { code, stdout, stderr } = await run(process.execPath, [join(compiled, `${name}.js`)], { cwd: folder, env });
    t.is(code, 0, stderr);
    const output = stdout.replaceAll(/sha256:[0-9a-f]{64}/g, 'DIGEST');
    let at = 0;
    for (const line of lines) {
      const found = output.indexOf(line, at);
      t.not(found, -1, `${line}\nis not in, or not in this order in\n${output}`);
      at = found + line.length;
    }
    t.deepEqual((await readdir(folder)).filter((left) => !/^(?:hello\.tar|multi\.oci)$/.test(left)), []);
  });
}

test('make-image gives the same bytes every time', async (t) => {
  const folder = await inFolder(t);
  for (const name of ['a.tar', 'b.tar']) t.is((await run(process.execPath, [join(compiled, 'make-image.js'), name], { cwd: folder })).code, 0);
  sameBytes(t, await readFile(join(folder, 'a.tar')), await readFile(join(folder, 'b.tar')));
});
