import { truncate } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { ImgkitError, load, verify } from '../../src/index.js';
import { dockerParts, hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { image, layer, pack, type Part } from '../helpers/image-builder.js';
import { makeScratch, storeEntries, storeLeftovers } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const app = image('app', { layers: [layer('base', { gzip: true }), layer('app')] });
const plain = image('plain', { layers: [layer('base'), layer('app')] });
const FORMATS: readonly [name: string, parts: readonly Part[]][] = [
  ['docker archive', dockerParts('skopeo', [named(plain, 'app:1')])],
  ['archive of Docker 20', dockerParts('docker20', [named(plain, 'app:1'), named(image('second', { layers: [layer('base')] }), 'second:1')])],
  ['OCI archive', ociParts([named(app, 'app:1')])],
  ['hybrid archive', hybridParts([named(app, 'app:1')])],
];

/** Every header, body start, body end and block, one byte to each side of it, and the end marker. */
function cutsOf(parts: readonly Part[], size: number): readonly number[] {
  const edges = new Set<number>();
  let offset = 0;
  for (const [, body] of parts) {
    const length = typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body as Uint8Array).length : 0;
    for (const edge of [offset, offset + 512, offset + 512 + length]) edges.add(edge);
    offset += 512 + Math.ceil(length / 512) * 512;
  }
  for (let at = 0; at <= size; at += 512) edges.add(at);
  return [...new Set([...edges].flatMap((edge) => [edge - 1, edge, edge + 1]))].filter((cut) => cut >= 0 && cut < size).toSorted((a, b) => b - a);
}

/** Cuts the file shorter and shorter; none of the cuts may pass. */
async function cutAll(name: string, bytes: Uint8Array, cuts: readonly number[]): Promise<readonly string[]> {
  const target = await scratch.write(name, bytes);
  const storeFolder = scratch.path(`${name}.store`);
  const accepted: string[] = [];
  for (const cut of cuts) {
    await truncate(target, cut);
    const [report, error] = await Promise.all([
      verify({ target, storeFolder }),
      load({ from: target, storeFolder }).then(() => undefined, (reason: unknown) => reason),
    ]);
    if (report.ok) accepted.push(`verify, cut at ${cut}`);
    if (!(error instanceof ImgkitError)) accepted.push(`load, cut at ${cut}: ${String(error)}`);
    else if (!/^(?:tar|format|compression|document)-/.test(error.code)) accepted.push(`load, cut at ${cut}: ${error.code}`);
  }
  if ((await storeEntries(storeFolder)).length > 0 || (await storeLeftovers(storeFolder)).length > 0) accepted.push('the store is not empty');
  return accepted;
}

for (const [name, parts] of FORMATS) {
  const bytes = pack(parts);

  test(`${name}: uncut, it is right`, async (t) => {
    for (const [ending, whole] of [['tar', bytes], ['tar.gz', gzipSync(bytes)]] as const) {
      const target = await scratch.write(`${name}.${ending}`, whole);
      t.true((await verify({ target, storeFolder: scratch.path('none') })).ok);
    }
  });

  test(`${name}: every cut is detected`, async (t) => {
    t.deepEqual(await cutAll(`cut ${name}`, bytes, cutsOf(parts, bytes.length)), []);
  });

  test(`${name} in gzip: every cut is detected`, async (t) => {
    const packed = gzipSync(bytes, { level: 1 });
    const { length } = packed;
    const steps = Array.from({ length: Math.ceil(length / 100) }, (_, i) => i * 100);
    const edges = [1, 2, 3, 4, 9, 10, 11, 18, length - 9, length - 8, length - 7, length - 5, length - 4, length - 1];
    t.deepEqual(await cutAll(`cut ${name}.gz`, packed, [...new Set([...steps, ...edges])].toSorted((a, b) => b - a)), []);
  });
}
