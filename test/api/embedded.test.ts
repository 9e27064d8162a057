import { EventEmitter, getEventListeners } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { append, copy, diff, digest, encryptLayers, files, gc, history, inspect, keygen, list, load, readRaw, remove, save, tag, tagSemver, verify, verifySignature, type WorkOptions } from '../../src/index.js';
import * as facade from '../../src/index.js';
import type { OPTIONS } from '../../src/api/option-shapes.js';
import { makeScratch } from '../helpers/scratch.js';

// As a program meets the calls that it embeds: what it stops stops, what goes wrong rejects, nothing of its signal is kept.
const scratch = makeScratch();
const location = scratch.path('hello.tar');
const storeFolder = scratch.path('store');
test.before(async () => {
  await makeImage({ output: location });
  await load({ from: location, storeFolder });
  await keygen({ type: 'cosign', folder: scratch.folder });
});
test.after.always(() => scratch.remove());

const CALLS: Readonly<Record<string, (options: WorkOptions) => Promise<unknown>>> = {
  diff: (options) => diff({ old: location, new: location, ...options }),
  digest: (options) => digest({ target: location, ...options }),
  encryptLayers: (options) => encryptLayers({ location, to: 'hello:sealed', storeFolder, force: true, recipients: [scratch.path('cosign.pub')], ...options }),
  files: (options) => files({ location, ...options }),
  gc: (options) => gc({ storeFolder, dryRun: true, ...options }),
  history: (options) => history({ location, ...options }),
  inspect: (options) => inspect({ location, ...options }),
  keygen: (options) => keygen({ type: 'ssh', folder: scratch.path('keys'), ...options }),
  list: (options) => list({ location, ...options }),
  load: (options) => load({ from: location, storeFolder, ...options }),
  readRaw: (options) => readRaw({ location, what: 'config', ...options }),
  tag: (options) => tag({ from: 'hello:1.2.0', to: 'hello:gone', storeFolder, ...options }),
  tagSemver: (options) => tagSemver({ reference: 'hello:1.2.0', storeFolder, ...options }),
  remove: (options) => remove({ references: ['hello:gone'], storeFolder, ...options }),
  verify: (options) => verify({ target: location, ...options }),
};

for (const [name, call] of Object.entries(CALLS)) {
  test.serial(`${name}: does nothing once it was stopped, and leaves a signal as it was`, async (t) => {
    await t.throwsAsync(call({ signal: AbortSignal.abort() }), { code: 'interrupted' } as object);
    const { signal } = new AbortController();
    await call({ signal });
    t.deepEqual(getEventListeners(signal, 'abort'), []);
  });
}

test.serial('many calls may share a signal: nothing warns of a leak', async (t) => {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', note);
  const { signal } = new AbortController();
  await list({ location, signal });
  // What as many calls at once would do.
  for (let i = 0; i < 20; i += 1) signal.addEventListener('abort', () => {});
  await list({ location, signal });
  await turn();
  process.off('warning', note);
  t.deepEqual(warnings, []);
});

test.serial('a layout or store is written, and read, where it was begun, wherever the program goes meanwhile', async (t) => {
  const before = process.cwd();
  t.teardown(() => process.chdir(before));
  const leave = (): void => process.chdir(before);
  const calls = [() => copy({ from: location, to: 'oci:begun', onProgress: leave }), () => load({ from: location, storeFolder: 'begun-store', onProgress: leave }),
    () => verify({ target: 'oci:begun', onProgress: leave }), () => verify({ target: 'store:hello:1.2.0', storeFolder: 'begun-store', onProgress: leave })];
  for (const call of calls) {
    process.chdir(scratch.folder);
    t.not((await call() as { ok?: boolean }).ok, false);
    t.is(process.cwd(), before);
  }
  t.true((await verify({ target: `oci:${scratch.path('begun')}` })).ok);
  t.true((await verify({ target: 'store:hello:1.2.0', storeFolder: scratch.path('begun-store') })).ok);
});

test('what is wrong with the arguments rejects, too', async (t) => {
  // A call that throws instead would not get as far as the promise.
  for (const call of [() => list({ location: '' }), () => inspect({ location: '' }), () => load({ from: '' }), () => tag({ from: '', to: 'x', storeFolder })]) {
    const promise = call();
    await t.throwsAsync(promise);
  }
});

test('every call checks its options', async (t) => {
  const { outputLocation, isImgkitError, ImgkitError, DEFAULT_LIMITS, ...calls } = facade;
  t.is([outputLocation, isImgkitError, ImgkitError, DEFAULT_LIMITS].length, 4);
  for (const [name, call] of Object.entries(calls)) {
    await t.throwsAsync((call as unknown as (options: unknown) => Promise<unknown>)(5), { code: 'usage', message: /^The options of a call must be an object, not a number\.$/ } as object, name);
  }
});

// That the checks know every option is for their types (`OwnShape`); this is that they know no other.
type OptionsOf<Call> = Call extends (options: infer O extends object) => Promise<unknown> ? (O extends O ? keyof O : never) : never;
type Taken = { [Name in keyof typeof facade]: OptionsOf<(typeof facade)[Name]> }[keyof typeof facade];
type Untaken = keyof { [Name in keyof typeof OPTIONS as Name extends `${Taken & string}?` ? never : Name]: 0 };
const untaken: [Untaken] extends [never] ? 'none' : Untaken = 'none';

test('the checks know no option that no call takes', (t) => t.is(untaken, 'none'));

test('a stream that takes the output is as it was, and tells when it takes no more', async (t) => {
  const given: Buffer[] = [];
  const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => void (given.push(chunk), done()) });
  for (let i = 0; i < 3; i += 1) await copy({ from: location, to: 'oci-archive:-', stdout: sink });
  t.deepEqual(sink.eventNames(), []);
  t.is((await list({ location: '-', stdin: Readable.from([Buffer.concat(given).subarray(0, Buffer.concat(given).length / 3)]) })).images.length, 1);
  const ended = new Writable({ write: (_chunk, _encoding, done) => done() }).end();
  const destroyed = new Writable().destroy();
  const failing = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no more')) });
  const old = Object.assign(new EventEmitter(), { write: () => true }) as unknown as Writable;
  for (const stdout of [ended, destroyed, failing]) await t.throwsAsync(copy({ from: location, to: 'oci-archive:-', stdout }), { code: 'io-failed', message: /^stdout: / } as object);
  await copy({ from: location, to: 'oci-archive:-', stdout: old });
  // Nobody ever takes what this was given.
  const stop = new AbortController();
  const stuck = new Writable({ write: () => void setTimeout(() => stop.abort(), 50) });
  await t.throwsAsync(copy({ from: location, to: 'oci-archive:-', stdout: stuck, signal: stop.signal }), { code: 'interrupted' } as object);
  t.deepEqual(stuck.eventNames().filter((name) => name !== 'error'), []);
});

test('a stream that gives the input is heard when it fails, and not waited for', async (t) => {
  const read = (stdin: AsyncIterable<Uint8Array>, options: WorkOptions = {}): Promise<unknown> => load({ from: '-', storeFolder, stdin, ...options });
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw new Error('the line is cut');
  };
  await t.throwsAsync(read(failing()), { code: 'io-failed', message: /^stdin: .*the line is cut/ } as object);
  await t.throwsAsync(read(Readable.from(['text'])), { code: 'usage', message: /^stdin: .*encoding/ } as object);
  const foreign = new PassThrough();
  foreign.write(Buffer.from('fd377a585a000000'.repeat(200), 'hex'));
  await t.throwsAsync(read(foreign), { code: 'compression-unsupported' } as object);
  await turn();
  t.true(foreign.destroyed);
  for (const bytes of [0, 1000]) {
    const stop = new AbortController();
    const given = [Buffer.alloc(bytes)];
    const silent = new Readable({
      read() {
        const next = given.pop();
        if (next === undefined) stop.abort();
        else this.push(next);
      },
    });
    await t.throwsAsync(read(silent, { signal: stop.signal }), { code: 'interrupted' } as object);
    // It is closed as soon as it gives something.
    silent.push('late');
    await turn();
    t.true(silent.destroyed);
  }
});

test('a stream that fails before it is used is no end of the process', async (t) => {
  const gone = new Error('gone');
  const [input, output] = [new PassThrough(), new PassThrough()];
  const [reads, writes] = [load({ from: '-', storeFolder, stdin: input }), copy({ from: location, to: 'oci-archive:-', stdout: output })];
  input.destroy(gone);
  output.destroy(gone);
  await t.throwsAsync(reads, { code: 'io-failed', message: /^stdin: .*gone/ } as object);
  await t.throwsAsync(writes, { code: 'io-failed', message: /^stdout: .*gone/ } as object);
});

test('options that are not what the types say are told in a sentence, before anything is done', async (t) => {
  const output = scratch.path('wrong.tar');
  const wrong: readonly (readonly [call: (options: never) => Promise<unknown>, options: unknown, message: RegExp])[] = [
    [save, undefined, /^The options of a call must be an object, not undefined\.$/],
    [save, { images: [location] }, /^The option output must be a path, not undefined\.$/],
    [save, { images: 'hello', output }, /^The option images must be an array of strings, not a string\.$/],
    [save, { images: [location], output: 'a\0b' }, /^The option output must be a path, not one with a NUL character in it\.$/],
    [verifySignature, { file: location, keys: ['a\0b'] }, /^The option keys must be an array of strings, not one with a NUL character in it\.$/],
    [save, { images: [undefined], output }, /not an array with undefined in it\.$/],
    [save, { images: [location], output, compress: 'lz4' }, /^The option compress must be one of none, gzip, zstd, not "lz4"\.$/],
    [save, { images: [location], output, compress: 'gzip', compressLevel: 10 }, /^gzip has no level 10: /],
    [append, { location, layers: [location], to: 'hello:level', storeFolder, compressLevel: 10 }, /^gzip has no level 10: /],
    [save, { images: [location], output, compress: 'zstd', compressLevel: 23 }, /^The option compressLevel must be a whole number from 1 to 22, or "fast", not a number\.$/],
    [load, { from: location, storeFolder: '' }, /^The option storeFolder must be a path, not empty\.$/],
    [load, { from: location, storefolder: scratch.path('other') }, /^There is no option "storefolder"; did you mean storeFolder\?$/],
    [load, { from: location, admision: {} }, /did you mean admission\?$/],
    [load, { from: location, admission: { key: 'x' } }, /did you mean admission\.keys\?$/],
    [load, { from: location, decryption: 'my passphrase' }, /^The option decryption must be an object, not a string\.$/],
    [inspect, { location: 5 }, /^The option location must be a string, not a number\.$/],
    [list, { location, signal: {} }, /^The option signal must be an AbortSignal, not this object\.$/],
    [list, { location, limits: { jsonDepth: Number.NaN } }, /^The option limits\.jsonDepth must be a number/],
    [diff, { old: location, new: location, parts: 'files' }, /^The option parts must be an array of layers, files, config, history, not a string\.$/],
    [keygen, { type: 'toString', folder: scratch.path('keys') }, /^The option type must be one of ssh, .*, not "toString"\.$/],
    [verifySignature, { file: location, at: new Date('never') }, /^The option at must be a valid Date, not an invalid one\.$/],
  ];
  for (const [call, options, message] of wrong) await t.throwsAsync(call(options as never), { code: 'usage', message } as object, JSON.stringify(options));
  t.deepEqual((await scratch.tree()).filter((name) => /wrong|other|undefined/.test(name)), []);
  // What belongs to the caller is no slip, nor is what is not given.
  await list({ location, storefolder: undefined, job: 'nightly' } as Parameters<typeof list>[0]);
});

test('names that an image has already are told apart from new ones', async (t) => {
  const folder = scratch.path('names');
  await load({ from: location, storeFolder: folder });
  await tag({ from: 'hello:1.2.0', to: 'hello:1', storeFolder: folder });
  const { added, moved, kept } = await tagSemver({ reference: 'hello:1.2.0', storeFolder: folder });
  t.deepEqual({ added, moved, kept }, { added: ['docker.io/library/hello:1.2'], moved: [], kept: ['docker.io/library/hello:1'] });
});
