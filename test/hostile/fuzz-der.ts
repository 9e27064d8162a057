import type { Random } from './fuzz-mutations.js';
import { MOST_BYTES } from './fuzz-bytes.js';
import type { Change } from './fuzz-target.js';

interface Element {
  tag: number;
  /** Parts, or content. */
  inside: Element[] | Buffer;
}

const TAGS = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0x81, 0xa0, 0xa1, 0x1f, 0x00];

/** Reads DER leniently: what does not parse is content. */
function read(bytes: Buffer): Element[] | undefined {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag, first] = [bytes[at], bytes[at + 1]];
    if (tag === undefined || first === undefined) return undefined;
    const more = first < 0x80 ? 0 : first - 0x80;
    if (more > 4 || at + 2 + more > bytes.length) return undefined;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const body = bytes.subarray(at + 2 + more, at + 2 + more + length);
    if (body.length < length) return undefined;
    elements.push({ tag, inside: (tag & 0x20) === 0 ? body : (read(body) ?? body) });
    at += 2 + more + length;
  }
  return elements;
}

function write({ tag, inside }: Element): Buffer {
  const body = Array.isArray(inside) ? Buffer.concat(inside.map(write)) : inside;
  const size: number[] = [];
  for (let left = body.length; left > 0; left = Math.floor(left / 256)) size.unshift(left % 256);
  return Buffer.concat([Buffer.from(body.length < 0x80 ? [tag, body.length] : [tag, 0x80 + size.length, ...size]), body]);
}

function all(elements: readonly Element[]): readonly Element[] {
  return elements.flatMap((element) => [element, ...(Array.isArray(element.inside) ? all(element.inside) : [])]);
}

/** Changes one element of the tree; all lengths around it are right again. */
const element: Change = (bytes, random, others) => {
  const tree = read(bytes);
  if (tree === undefined || tree.length === 0) return bytes;
  const chosen = random.pick(all(tree));
  const { inside } = chosen;
  if (random.below(5) === 0) chosen.tag = random.pick(TAGS);
  else if (Array.isArray(inside)) list(inside, random, others);
  else chosen.inside = content(inside, random);
  return Buffer.concat(tree.map(write)).subarray(0, MOST_BYTES);
};

function list(inside: Element[], random: Random, others: readonly Buffer[]): void {
  const at = random.below(inside.length + 1);
  const copy = inside[random.below(inside.length + 1)];
  const foreign = random.pick(all(read(random.pick(others)) ?? []).slice(0, 200));
  switch (random.below(5)) {
    case 0: inside.splice(at, 1); break;
    case 1: if (copy !== undefined) inside.splice(at, 0, copy); break;
    case 2: if (foreign !== undefined) inside.splice(at, random.below(2), foreign); break;
    case 3: if (copy !== undefined && random.below(10) === 0) inside.splice(at, 0, ...Array.from({ length: 2000 }, () => ({ tag: copy.tag, inside: Buffer.alloc(1) }))); break;
    default: for (let depth = random.pick([1, 3, 40]); depth > 0; depth -= 1) inside.splice(0, inside.length, { tag: 0x30, inside: [...inside] });
  }
}

function content(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  switch (random.below(5)) {
    case 0: return copy.subarray(0, random.below(copy.length + 1));
    case 1: return Buffer.concat([copy, Buffer.alloc(random.pick([1, 2, 9, 300]), random.pick([0, 0x7f, 0xff]))]);
    case 2: return random.below(10) === 0 ? Buffer.alloc(random.pick([1000, 60_000, 200_000]), random.pick([0xff, 0x81])) : Buffer.alloc(0);
    default: if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
  }
  return copy;
}

export const DER: readonly Change[] = [element, element, element, element];
