import { gzipSync } from 'node:zlib';
import test from 'ava';
import { OUTPUT } from '../../src/content/gunzip-engine.js';
import { PackageEngine } from '../../src/content/gunzip-package.js';

// The fall-back for a Node whose zlib handle has changed: the tests of decompression run on the other engine.
const text = Buffer.alloc(OUTPUT + 1000, 'imgkit ');
const packed = gzipSync(text);

test('members one after the other; zero padding is left', (t) => {
  const engine = new PackageEngine();
  const found: Buffer[] = [];
  const keep = (chunk: Uint8Array): void => void found.push(Buffer.from(chunk));
  t.is(engine.write(Buffer.concat([packed, packed, new Uint8Array(5)]), keep), 2 * packed.length);
  engine.end(keep);
  engine.close();
  t.true(Buffer.concat(found).equals(Buffer.concat([text, text])));
});

test('a stream that is cut short or damaged is an error', (t) => {
  const cut = new PackageEngine();
  cut.write(packed.subarray(0, -1), () => undefined);
  t.throws(() => cut.end(() => undefined), { message: /unexpected end/ });
  const damaged = new PackageEngine();
  t.throws(() => damaged.write(Buffer.concat([packed.subarray(0, 20), Buffer.alloc(20, 0xff)]), () => undefined));
  damaged.close();
});
