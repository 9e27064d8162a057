import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { diff, digest, encryptLayers, files, gc, history, inspect, keygen, list, load, readRaw, remove, tag, tagSemver, verify, type WorkOptions } from '../../src/index.js';
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

test('what is wrong with the arguments rejects, too', async (t) => {
  // A call that throws instead would not get as far as the promise.
  for (const call of [() => list({ location: '' }), () => inspect({ location: '' }), () => load({ from: '' }), () => tag({ from: '', to: 'x', storeFolder })]) {
    const promise = call();
    await t.throwsAsync(promise);
  }
});

test('names that an image has already are told apart from new ones', async (t) => {
  const folder = scratch.path('names');
  await load({ from: location, storeFolder: folder });
  await tag({ from: 'hello:1.2.0', to: 'hello:1', storeFolder: folder });
  const { added, moved, kept } = await tagSemver({ reference: 'hello:1.2.0', storeFolder: folder });
  t.deepEqual({ added, moved, kept }, { added: ['docker.io/library/hello:1.2'], moved: [], kept: ['docker.io/library/hello:1'] });
});
