/** A small deterministic generator (mulberry32): the same seed gives the same numbers everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const ODD_TEXT = ['\0', '"', '{', '}', '[', ']', ',', ':', '-', '9', '99999999999999999999', '\\u0000', '\\ud800', '\uFEFF', '../', 'null', 'true', '1e9', 'sha256:', '__proto__', '\x1b[2J'];
const FIELDS: readonly (readonly [at: number, length: number])[] = [[0, 100], [100, 8], [108, 8], [116, 8], [124, 12], [136, 12], [156, 1], [157, 100], [257, 8], [265, 32], [329, 8], [345, 155]];
const ODD_FIELDS = ['\0', '/', '../', './', 'manifest.json', '-1', '77777777777', '00000000000', '\xff', '\x80\0\0\0\0\0\0\0\xff', 'x', 'L', 'g', '2', '5', ' '];

/** Where headers stand, judged by their magic. */
function headers(bytes: Buffer): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at + 512 <= bytes.length; at += 512) if (bytes.toString('latin1', at + 257, at + 262) === 'ustar') found.push(at);
  return found;
}

function fixChecksum(bytes: Buffer, at: number): void {
  bytes.write('        ', at + 148, 'latin1');
  let sum = 0;
  for (let i = at; i < at + 512; i += 1) sum += bytes[i] as number;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

/** Where JSON documents stand: bodies that start with a brace or bracket. */
function documents(bytes: Buffer): readonly (readonly [start: number, length: number])[] {
  return headers(bytes).flatMap((at) => {
    const length = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
    const first = bytes[at + 512];
    return (first === 0x7b || first === 0x5b) && length > 0 && at + 512 + length <= bytes.length ? [[at + 512, length] as const] : [];
  });
}

const splice = (bytes: Buffer, at: number, remove: number, put: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + remove)]);

const header = (fix: boolean): Mutation => (bytes, random) => {
  const at = random.pick(headers(bytes));
  const [field, length] = random.pick(FIELDS);
  if (random.below(2) === 0) bytes[at + field + random.below(length)] = random.below(256);
  else bytes.write(random.pick(ODD_FIELDS), at + field, length, 'latin1');
  if (fix) fixChecksum(bytes, at);
  return bytes;
};

const pax: Mutation = (bytes, random) => {
  const at = random.pick(headers(bytes));
  const key = random.pick(['path', 'size', 'linkpath', 'mtime', 'comment', 'SCHILY.xattr.a', '__proto__', 'GNU.sparse.realsize']);
  const record = ` ${key}=${random.pick(['manifest.json', '5', '-1', '0x10', '', 'a\0b', '../x', '1.5'])}\n`;
  const text = `${record.length + 2 + (random.below(8) === 0 ? 1 : 0)}${record}`;
  const block = Buffer.from(bytes.subarray(at, at + 512));
  block.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write(random.pick(['x', 'g', 'L', 'K']), 156, 'latin1');
  fixChecksum(block, 0);
  return splice(bytes, at, 0, Buffer.concat([block, Buffer.from(text.padEnd(512, '\0'), 'latin1')]));
};

/** Changes text inside a document without moving what follows. */
const json: Mutation = (bytes, random) => {
  const [start, length] = random.pick(documents(bytes));
  const at = start + random.below(length);
  bytes.write(random.pick(ODD_TEXT), at, Math.max(1, start + length - at), 'utf8');
  return bytes;
};

const flip: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  return bytes;
};

const swap: Mutation = (bytes, random) => {
  const blocks = Math.floor(bytes.length / 512);
  const [a, b] = [random.below(blocks) * 512, random.below(blocks) * 512];
  const first = Buffer.from(bytes.subarray(a, a + 512));
  bytes.copy(bytes, a, b, b + 512);
  first.copy(bytes, b);
  return bytes;
};

const cut: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length));
const range = (bytes: Buffer, random: Random): readonly [number, number] => {
  const unit = random.below(3) === 0 ? 1 : 512;
  const start = random.below(Math.floor(bytes.length / unit)) * unit;
  return [start, Math.min(bytes.length, start + (1 + random.below(6)) * unit)];
};
const repeat: Mutation = (bytes, random) => {
  const [start, end] = range(bytes, random);
  return splice(bytes, end, 0, Buffer.from(bytes.subarray(start, end)));
};
const remove: Mutation = (bytes, random) => {
  const [start, end] = range(bytes, random);
  return splice(bytes, start, end - start, Buffer.alloc(0));
};
const insert: Mutation = (bytes, random) => splice(bytes, random.below(bytes.length), 0, Buffer.from(random.pick([...ODD_TEXT, ...ODD_FIELDS]), 'latin1'));

const MUTATIONS: readonly Mutation[] = [header(false), header(true), header(true), pax, pax, json, json, flip, swap, cut, repeat, remove, insert];

/** A copy of `bytes` with one to three changes. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated = Buffer.from(bytes);
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    if (headers(mutated).length === 0 || documents(mutated).length === 0) break;
    mutated = Buffer.from(random.pick(MUTATIONS)(mutated, random));
  }
  return mutated;
}

const LAYER_MUTATIONS: readonly Mutation[] = [header(true), header(true), pax, swap, repeat, remove];

/** One change to a tar that may hold no documents, as layers do; the headers that it changes are right again. */
export function tarChange(bytes: Buffer, random: Random): Buffer {
  return headers(bytes).length === 0 ? bytes : random.pick(LAYER_MUTATIONS)(bytes, random);
}
