import { createCipheriv, createHmac, generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import type { Descriptor } from '../../src/content/descriptor.js';
import type { Digest } from '../../src/content/digest.js';
import { PUBLIC_OPTIONS } from '../../src/crypto/encrypt/ocicrypt/annotations.js';
import { newLayerKey } from '../../src/crypto/encrypt/ocicrypt/layer-cipher.js';
import { encodePublicOptions } from '../../src/crypto/encrypt/ocicrypt/layer-options.js';
import { wrapLayerKey } from '../../src/crypto/encrypt/ocicrypt/wrap-layer-key.js';
import type { ImageSource } from '../../src/image/image-source.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { layerDecryption } from '../../src/operations/encrypt/layer-decryption.js';
import { LayerSealing } from '../../src/operations/encrypt/layer-sealing.js';
import { openPool } from '../../src/operations/open-pool.js';
import { LayoutSink } from '../../src/store/layout-sink.js';
import { memoryBlobs } from '../contract/read-blob.js';
import { layer, sha256 } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
const pool = openPool();
test.after.always(async () => {
  await pool.close();
  scratch.remove();
});

const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const blobs = new Map<string, Buffer>();

/** `plain`, encrypted with a key of its own, as skopeo encrypts each layer of an image. */
async function sealed(plain: Buffer, digest: string = sha256(plain)): Promise<Descriptor> {
  const key = newLayerKey();
  const bytes = createCipheriv('aes-256-ctr', key.key, key.nonce).update(plain);
  blobs.set(sha256(bytes), bytes);
  const annotations = new Map([[PUBLIC_OPTIONS, encodePublicOptions(createHmac('sha256', key.key).update(bytes).digest())]]);
  return {
    mediaType: `${LAYER}+encrypted`, digest: sha256(bytes) as Digest, size: bytes.length,
    annotations: await wrapLayerKey(annotations, { ...key, digest: digest as Digest }, { keys: [pair.publicKey], certificates: [], labels: [] }),
  };
}

async function decrypt(t: { readonly title: string }, layers: readonly { readonly layer: Descriptor; readonly diffId: string }[]): Promise<readonly Descriptor[]> {
  const sink = new LayoutSink({ kind: 'oci-layout', folder: scratch.path(t.title), refNameFor: (_root, name) => name, pool, limits: DEFAULT_LIMITS });
  // Not in files: they are brought in first, as from a registry.
  const source = { location: 'registry', blobs: memoryBlobs(blobs) } as unknown as ImageSource;
  const sealing = new LayerSealing(layerDecryption({ identities: [{ label: 'key', key: pair.privateKey }], pool, limits: DEFAULT_LIMITS }), { sink, pool });
  try {
    await sealing.prepare(source, layers.map(({ layer: each, diffId }) => ({ layer: each, diffId: diffId as Digest })), 'oci');
    return await Promise.all(layers.map(async ({ layer: each }) => (await sealing.convert(source, each)).descriptor));
  } finally {
    await sink.discard();
  }
}

const app = layer('app', { gzip: true });
const base = layer('base', { gzip: true });

test('one layer twice, each time with a key of its own, is one layer', async (t) => {
  const layers = [await sealed(app.stored), await sealed(base.stored), await sealed(app.stored)];
  t.is(new Set(layers.map(({ digest }) => digest)).size, 3);
  const found = await decrypt(t, layers.map((each, i) => ({ layer: each, diffId: i === 1 ? base.diffId : app.diffId })));
  t.deepEqual(found.map(({ digest }) => digest), [app, base, app].map(({ descriptor }) => descriptor.digest as Digest));
  t.deepEqual(found[0], { mediaType: LAYER, digest: app.descriptor.digest as Digest, size: app.stored.length });
});

test('one content under two names, of which one is a lie', async (t) => {
  const layers = [await sealed(app.stored), await sealed(app.stored, sha256(Buffer.from('other')))];
  await t.throwsAsync(decrypt(t, layers.map((each) => ({ layer: each, diffId: app.diffId }))), { code: 'ciphertext-malformed', message: /holds the same bytes as another layer/ } as never);
});

test('a diffID that is another: told when nothing else vouches for the layer', async (t) => {
  const lies = await sealed(app.stored, sha256(Buffer.from('other')));
  await t.throwsAsync(decrypt(t, [{ layer: lies, diffId: base.diffId }]), { code: 'diffid-mismatch' } as never);
});
