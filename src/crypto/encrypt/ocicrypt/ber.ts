/** One element of BER with a definite length: enough for CMS that other tools did not write as DER. */
export interface BerNode {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Header and content. */
  readonly raw: Uint8Array;
  /** Bytes of `raw`. */
  readonly length: number;
}

const MOST_CHILDREN = 10_000;

/** The element at the start of `bytes`; undefined when there is none that fits into them. */
export function readBer(bytes: Uint8Array): BerNode | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || more > 4 || bytes.length < 2 + more) return undefined;
  const size = more === 0 ? first : bytes.subarray(2, 2 + more).reduce((sum, byte) => sum * 256 + byte, 0);
  const length = 2 + more + size;
  return length > bytes.length ? undefined : { tag, content: bytes.subarray(2 + more, length), raw: bytes.subarray(0, length), length };
}

/** The elements inside of one; none when it is missing or holds something else. */
export function childrenOf(node: BerNode | undefined): readonly BerNode[] {
  const children: BerNode[] = [];
  for (let rest = node?.content ?? new Uint8Array(); rest.length > 0;) {
    const child = readBer(rest);
    if (child === undefined || children.length === MOST_CHILDREN) return [];
    children.push(child);
    rest = rest.subarray(child.length);
  }
  return children;
}
