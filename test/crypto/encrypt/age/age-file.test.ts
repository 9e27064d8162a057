import { open as openFile, readFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { openFileSource } from '../../../../src/content/file-source.js';
import { decryptAge, decryptAgeFile } from '../../../../src/crypto/encrypt/age/decrypt-age.js';
import { prepareAge } from '../../../../src/crypto/encrypt/age/encrypt-age.js';
import { parseRecipient } from '../../../../src/crypto/encrypt/age/read-recipients.js';
import { generateX25519, x25519Identity } from '../../../../src/crypto/encrypt/age/x25519-recipient.js';
import { ImgkitError } from '../../../../src/errors.js';
import { makeScratch } from '../../../helpers/scratch.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes } from '../../../content/bytes.js';

// Large files are worked on by several threads: what they make, and what they refuse, must be what the stream makes and refuses.
const MIB = 1024 * 1024;
const CHUNK = 64 * 1024;
const LARGE = 8 * MIB;
const scratch = makeScratch();
test.after.always(() => scratch.remove());

const text = generateX25519();
const recipient = parseRecipient(text.recipient, 'test');
const identities = [x25519Identity(text.identity, 'test')];
const plain = sampleBytes(LARGE + 2 * MIB + 1);

type Done = { readonly result: number | undefined; readonly bytes: Buffer };

async function toFile(name: string, input: Uint8Array, work: (source: Awaited<ReturnType<typeof openFileSource>>, output: { handle: Awaited<ReturnType<typeof openFile>>; name: string }) => Promise<number | undefined>): Promise<Done> {
  const source = await openFileSource(await scratch.write(`${name}.in`, input));
  const handle = await openFile(scratch.path(`${name}.out`), 'w');
  try {
    const result = await work(source, { handle, name: 'the output' });
    return { result, bytes: await readFile(scratch.path(`${name}.out`)) };
  } finally {
    await handle.close();
    await source.close();
  }
}

const seal = async (name: string, input: Uint8Array, signal?: AbortSignal): Promise<Done> => {
  const age = await prepareAge([recipient]);
  return toFile(name, input, (source, output) => age.encryptFile(source, output, { signal }));
};
const unseal = (name: string, input: Uint8Array, onBytes?: (done: number) => void): Promise<Done> =>
  toFile(name, input, (source, output) => decryptAgeFile(source, identities, output, { name: 'app.age', onBytes }));

for (const length of [LARGE, LARGE + 1, LARGE + CHUNK, LARGE + MIB - 1, plain.length]) {
  test(`${length} bytes: the stream opens what threads made, and threads what it made`, async (t) => {
    const content = plain.subarray(0, length);
    const { result, bytes } = await seal(`seal-${length}`, content);
    t.is(result, bytes.length);
    sameBytes(t, await collect(decryptAge(inPieces(bytes), identities, { name: 'app.age' })), content);
    const seen: number[] = [];
    const streamed = await collect((await prepareAge([recipient])).encrypt(inPieces(content)));
    t.is(streamed.length, bytes.length);
    const opened = await unseal(`open-${length}`, streamed, (done) => void seen.push(done));
    t.is(opened.result, length);
    t.is(seen.at(-1), streamed.length);
    sameBytes(t, opened.bytes, content);
  });
}

test('damaged anywhere, cut, too long: the same sentence as from the stream', async (t) => {
  const { bytes } = await seal('good', plain);
  const flipped = (at: number, more = at): Buffer => {
    const bad = Buffer.from(bytes);
    for (const each of new Set([at, more])) bad[each] = (bad[each] as number) ^ 1;
    return bad;
  };
  const head = bytes.length - plain.length - Math.ceil(plain.length / CHUNK) * 16;
  const chunkEnd = head + 150 * (CHUNK + 16);
  const cases: readonly (readonly [string, Buffer])[] = [
    ['header', flipped(30)], ['first chunk', flipped(head)], ['two chunks', flipped(bytes.length - CHUNK, head + 20 * CHUNK)], ['last tag', flipped(bytes.length - 1)],
    ['cut in a chunk', bytes.subarray(0, chunkEnd - 7)], ['cut between chunks', bytes.subarray(0, chunkEnd)], ['cut in a tag', bytes.subarray(0, chunkEnd + 9)], ['longer', Buffer.concat([bytes, Buffer.from('x')])],
  ];
  for (const [name, bad] of cases) t.is(await refusal(t, unseal(name, bad)), await refusal(t, collect(decryptAge(inPieces(bad), identities, { name: 'app.age' }))), name);
});

test('stopped: says so, and what is small or armored is left to the stream', async (t) => {
  await rejectsWith(t, 'interrupted', seal('stopped', plain, AbortSignal.abort()));
  const controller = new AbortController();
  const stopping = toFile('stopping', (await seal('whole', plain)).bytes, (source, output) => decryptAgeFile(source, identities, output, { name: 'app.age', signal: controller.signal, onBytes: () => controller.abort() }));
  await rejectsWith(t, 'interrupted', stopping);
  t.is((await seal('small', plain.subarray(0, LARGE - 1))).result, undefined);
  t.is((await unseal('armored', Buffer.concat([Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\n'), plain]))).result, undefined);
});

test('a disk that takes no more: said of the output', async (t) => {
  const age = await prepareAge([recipient]);
  const source = await openFileSource(await scratch.write('full.in', plain));
  const handle = await openFile('/dev/full', 'w');
  const error = await rejectsWith(t, 'disk-full', age.encryptFile(source, { handle, name: 'the output' }));
  t.regex(error.message, /the output/);
  await handle.close();
  await source.close();
});

async function refusal(t: ExecutionContext, work: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(work, { instanceOf: ImgkitError });
  return `${error?.code ?? ''} ${error?.message ?? ''}`;
}
