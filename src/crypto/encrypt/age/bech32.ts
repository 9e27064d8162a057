const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM = 6;

/** `bytes` in Bech32 (BIP 173, without its limit of 90 characters), in lower case. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const words = regroup(bytes, 8, 5, true) ?? [];
  const sum = polymod([...expand(prefix), ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const checksum = Array.from({ length: CHECKSUM }, (_, i) => (sum >>> (5 * (CHECKSUM - 1 - i))) & 31);
  return `${prefix}1${[...words, ...checksum].map((word) => ALPHABET[word]).join('')}`;
}

/** Prefix (in lower case) and bytes of a Bech32 text; undefined when case, checksum or padding is wrong. */
export function decodeBech32(text: string): { readonly prefix: string; readonly bytes: Uint8Array } | undefined {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  const at = lower.lastIndexOf('1');
  if (at < 1 || lower.length - at - 1 < CHECKSUM) return undefined;
  const prefix = lower.slice(0, at);
  if (!/^[\x21-\x7e]+$/.test(prefix)) return undefined;
  const words = Array.from(lower.slice(at + 1), (char) => ALPHABET.indexOf(char));
  if (words.includes(-1) || polymod([...expand(prefix), ...words]) !== 1) return undefined;
  const bytes = regroup(words.slice(0, -CHECKSUM), 5, 8, false);
  return bytes && { prefix, bytes: Uint8Array.from(bytes) };
}

function expand(prefix: string): readonly number[] {
  const codes = [...prefix].map((char) => char.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(words: readonly number[]): number {
  let sum = 1;
  for (const word of words) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ word;
    for (const [i, generator] of GENERATORS.entries()) if ((top >>> i) & 1) sum ^= generator;
  }
  return sum >>> 0;
}

/** Groups of `from` bits as groups of `to` bits; undefined when padding that should be zero is not. */
function regroup(groups: Iterable<number>, from: number, to: number, pad: boolean): readonly number[] | undefined {
  const out: number[] = [];
  let held = 0;
  let bits = 0;
  for (const group of groups) {
    held = (held << from) | group;
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push((held >>> bits) & ((1 << to) - 1));
    }
    held &= (1 << bits) - 1;
  }
  if (pad && bits > 0) out.push((held << (to - bits)) & ((1 << to) - 1));
  return !pad && (bits >= from || held !== 0) ? undefined : out;
}
