import test from 'ava';
import { isIncompressible } from '../../src/deflate/incompressible.js';
import { KINDS, noise } from './inputs.js';

test('noise is; text, digits, seven bits of eight and what is short are not', (t) => {
  t.true(isIncompressible(noise(1 << 20)));
  for (const kind of ['lines of a log', 'hexadecimal', 'one byte']) t.false(isIncompressible((KINDS[kind] as (size: number) => Buffer)(1 << 20)));
  t.false(isIncompressible(noise(1 << 20).map((byte) => byte & 0x7f)));
  t.false(isIncompressible(noise(5000)));
  t.false(isIncompressible(Buffer.alloc(0)));
});
