import { createHash, createPublicKey, generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { bundleFromJSON, bundleToJSON, toDSSEBundle, toMessageSignatureBundle, type BundleWithDsseEnvelope } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { keygen, load, readRaw, sign, signImage, verify } from '../../src/index.js';
import { named, ociParts } from '../helpers/archive-parts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

/** Bundles, both ways, with sigstore's own libraries for Node: what they take and refuse, and what they write. */
const scratch = makeScratch();
const keys = scratch.path('keys');
const app = image('app', { layers: [layer('app', { gzip: true })] });

test.before(() => keygen({ type: 'cosign', name: 'release', folder: keys }));
test.after.always(() => scratch.remove());

/** Throws unless sigstore's verifier takes the bundle for this key; no log and no time stamp is asked for. */
function verifyThere(bundle: unknown, key: KeyObject, artifact?: Buffer): void {
  const trusted = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey: () => ({ publicKey: key, validFor: () => true }) };
  new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(toSignedEntity(bundleFromJSON(bundle), artifact));
}

test('the bundle of a file is taken there, and refused for another file or key', async (t) => {
  const file = await scratch.write('app.tar', 'some archive');
  await sign({ files: [file], key: `${keys}/release.key` });
  const [bundle, statement] = [JSON.parse(await readFile(`${file}.sha256.sigstore.json`, 'utf8')) as unknown, await readFile(`${file}.sha256`)];
  const key = createPublicKey(await readFile(`${keys}/release.pub`));
  t.notThrows(() => verifyThere(bundle, key, statement));
  t.throws(() => verifyThere(bundle, key, Buffer.concat([statement, Buffer.from('0')])), { message: /signature verification failed/ });
  t.throws(() => verifyThere(bundle, generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, statement), { message: /signature verification failed/ });
});

test('the bundle of an image is taken there: a DSSE envelope about its digest', async (t) => {
  const storeFolder = scratch.path('store');
  await load({ from: await scratch.write('image.tar', pack(ociParts([named(app, 'app:1')]))), storeFolder });
  const { signed } = await signImage({ location: 'store:app:1', key: `${keys}/release.key`, storeFolder });
  const key = createPublicKey(await readFile(`${keys}/release.pub`));
  const manifests = await Promise.all((signed[0]?.manifests ?? []).map(async (digest) => JSON.parse(Buffer.from(await readRaw({ location: `store:${digest}`, what: 'manifest', storeFolder })).toString()) as { artifactType?: string; layers: { digest: string }[] }));
  const manifest = manifests.find(({ artifactType }) => artifactType !== undefined);
  const blob = await readFile(scratch.path('store/blobs/sha256', (manifest?.layers[0]?.digest ?? '').slice(7)), 'utf8');
  const bundle = JSON.parse(blob) as { dsseEnvelope: { payload: string } };
  t.notThrows(() => verifyThere(bundle, key));
  bundle.dsseEnvelope.payload = Buffer.from(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('app:1', 'app:2')).toString('base64');
  t.throws(() => verifyThere(bundle, key), { message: /signature verification failed/ });
});

test('a bundle made there is believed here, and no other kind of it', async (t) => {
  const file = await scratch.write('theirs.tar', 'their archive');
  await sign({ files: [file], key: `${keys}/release.key` });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pub = await scratch.write('theirs.pub', publicKey.export({ format: 'pem', type: 'spki' }));
  const statement = await readFile(`${file}.sha256`);
  const signature = signBytes('sha256', statement, privateKey);
  const digest = createHash('sha256').update(statement).digest();
  const write = (bundle: Parameters<typeof bundleToJSON>[0]): Promise<void> => writeFile(`${file}.sha256.sigstore.json`, JSON.stringify(bundleToJSON(bundle)));
  await write(toMessageSignatureBundle({ digest, signature, keyHint: 'theirs' }));
  t.is((await verify({ target: file, signed: { keys: [pub] } })).signatures?.length, 1);
  const envelope: BundleWithDsseEnvelope = toDSSEBundle({ artifact: statement, artifactType: 'text/plain', signature, keyHint: 'theirs' });
  await write(envelope);
  t.true((await verify({ target: file, signed: { keys: [pub] } })).refused);
});
