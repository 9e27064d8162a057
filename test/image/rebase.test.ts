import test from 'ava';
import { stringifyCanonical } from '../../src/content/json-write.js';
import { parseJson, type JsonObject } from '../../src/content/json.js';
import { emptyDraft, encodeDraft, withConfigField, withLayer, withStep, type DraftLayer, type ImageDraft } from '../../src/image/derive.js';
import { OCI_LAYER } from '../../src/image/media-type.js';
import { rebaseDraft } from '../../src/image/rebase.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';

const layer = (name: string): DraftLayer => {
  const digest = `sha256:${Buffer.from(name).toString('hex').padStart(64, '0')}` as const;
  return { descriptor: { mediaType: OCI_LAYER, digest, size: 1 }, diffId: digest };
};

function image(layers: readonly string[], config: object, architecture = 'amd64'): ImageDraft {
  const draft = layers.reduce((all, name) => withStep(withLayer(all, layer(name), { createdBy: name }), { createdBy: `after ${name}` }), emptyDraft({ os: 'linux', architecture }));
  return withConfigField(draft, 'config', parseJson(Buffer.from(JSON.stringify(config)), 'test', DEFAULT_LIMITS) as JsonObject);
}

const written = (draft: ImageDraft): { config: Record<string, unknown>; history: { created_by: string }[]; rootfs: { diff_ids: string[] } } => JSON.parse(Buffer.from(encodeDraft(draft).config.bytes).toString()) as never;

test('layers and history: those of the new base, then what the image added', (t) => {
  const rebased = rebaseDraft(image(['a', 'b', 'app'], {}), image(['a', 'b'], {}), image(['c'], {}));
  t.deepEqual(written(rebased).rootfs.diff_ids, [layer('c').diffId, layer('app').diffId]);
  t.deepEqual(written(rebased).history.map((step) => step.created_by), ['c', 'after c', 'app', 'after app']);
});

test('a base whose config has no history: the added steps are found by counting layers', (t) => {
  const bare = { ...image(['a', 'b'], {}), history: [] };
  const rebased = rebaseDraft({ ...image(['a', 'b', 'app'], {}), history: image(['a', 'b', 'app'], {}).history.filter((step) => !stringifyCanonical(step).includes('after')) }, bare, image(['c'], {}));
  t.deepEqual(written(rebased).history.map((step) => step.created_by), ['c', 'after c', 'app']);
});

test('config: what the image set stays, what it had from the old base comes from the new one', (t) => {
  const old = { Env: ['PATH=/bin', 'VERSION=1', 'GONE=x', 'DROPPED=y'], Labels: { v: '1', kept: 'a' }, Cmd: ['sh'], User: 'root', StopSignal: 'SIGINT' };
  const own = { Env: ['PATH=/app:/bin', 'VERSION=1', 'GONE=x', 'APP=1'], Labels: { v: '1', kept: 'mine', app: 'yes' }, Cmd: ['sh'], User: 'me', ExposedPorts: { '80/tcp': {} }, StopSignal: 'SIGINT' };
  const next = { Env: ['PATH=/bin', 'VERSION=2', 'DROPPED=y', 'NEW=1'], Labels: { v: '2', kept: 'b' }, Cmd: ['bash'], User: 'root', WorkingDir: '/w' };
  t.deepEqual(written(rebaseDraft(image(['a', 'app'], own), image(['a'], old), image(['b'], next))).config, {
    Env: ['PATH=/app:/bin', 'VERSION=2', 'NEW=1', 'APP=1'],
    Labels: { v: '2', kept: 'mine', app: 'yes' },
    Cmd: ['bash'],
    User: 'me',
    ExposedPorts: { '80/tcp': {} },
    WorkingDir: '/w',
  });
});

test('an image that is not built on the old base is refused', (t) => {
  for (const oldBase of [['b'], ['a', 'c'], ['a', 'app', 'more']]) {
    const error = t.throws(() => rebaseDraft(image(['a', 'app'], {}), image(oldBase, {}), image(['n'], {})), { code: 'base-mismatch' });
    t.regex(error.message, /is not based on the old base: .*; name the base it was built on\.$/);
  }
});

test('rebased on its own base, an image does not change', (t) => {
  const app = image(['a', 'app'], { Env: ['A=1'], Labels: { x: 'y' } });
  t.deepEqual(encodeDraft(rebaseDraft(app, image(['a'], { Env: ['A=1'] }), image(['a'], { Env: ['A=1'] }))).config.bytes, encodeDraft(app).config.bytes);
});
