import test from 'ava';
import { isIncompressible } from '../../src/deflate/incompressible.js';
import { KINDS, noise } from './inputs.js';

test('noise is; text, digits, seven bits of eight and what is short are not', (t) => {
  t.true(isIncompressible(noise(1 << 20)));
  for (const kind of ['lines of a log', 'hexadecimal', 'one byte']) t.false(isIncompressible((KINDS[kind] as (size: number) => Buffer)(1 << 20)));
  t.false(isIncompressible(noise(1 << 20).map((byte) => byte & 0x7f)));
  // How often a byte is zero in place of any: the bound lies between, a tenth of a bit below eight.
  const zeroed = (percent: number): Buffer => {
    const dice = noise(4 << 20, 'dice');
    return Buffer.from(noise(1 << 20).map((byte, i) => (dice.readUInt32LE(4 * i) < (percent / 100) * 2 ** 32 ? 0 : byte)));
  };
  t.true(isIncompressible(zeroed(1.5)));
  t.false(isIncompressible(zeroed(2.5)));
  t.false(isIncompressible(noise(5000)));
  t.false(isIncompressible(Buffer.alloc(0)));
});
