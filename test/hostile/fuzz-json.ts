import type { Random } from './fuzz-mutations.js';
import type { Change } from './fuzz-target.js';

const ODD: readonly unknown[] = [null, true, false, 0, -1, 1.5, 1e300, 2 ** 53, '', ' ', '\0', '..', '/', 'sha256:', `sha256:${'0'.repeat(64)}`, '__proto__', '\ud800', [], {}, [[]], [null], { '': '' }, 'A'.repeat(2000)];

/** Changes one value somewhere in the document, or a key, and writes it anew. */
const value: Change = (bytes, random) => {
  let root: unknown;
  try {
    root = JSON.parse(bytes.toString('utf8'));
  } catch {
    return bytes;
  }
  return Buffer.from(JSON.stringify(changed(root, random)) ?? 'null');
};

function changed(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.below(5) === 0) return random.pick(ODD);
  if (Array.isArray(value)) {
    const items = [...(value as readonly unknown[])];
    const at = random.below(items.length + 1);
    if (random.below(3) === 0) items.splice(at, 0, random.pick([...ODD, items[0]]));
    else if (at < items.length) items[at] = changed(items[at], random);
    return items;
  }
  const entries = Object.entries(value);
  const at = random.below(entries.length + 1);
  const entry = entries[at];
  if (entry === undefined) entries.push([random.pick(['', 'x', '__proto__', 'MediaType', 'toString']), random.pick(ODD)]);
  else if (random.below(6) === 0) entries.splice(at, 1);
  else if (random.below(8) === 0) entry[0] = swapCase(entry[0], random);
  else entry[1] = changed(entry[1], random);
  return Object.fromEntries(entries);
}

const swapCase = (text: string, random: Random): string => (random.below(2) === 0 ? text.toUpperCase() : `${text}${random.pick(['\0', ' ', '\u0130'])}`);

/** A member twice, which JSON.stringify cannot write. */
const twice: Change = (bytes, random) => {
  const text = bytes.toString('utf8');
  const members = [...text.matchAll(/"[^"\\]{1,40}":(?:"[^"\\]*"|\d+|null)/g)].map(([member]) => member);
  return members.length === 0 ? bytes : Buffer.from(text.replace(random.pick(members), (member) => `${member},${member}`));
};
const deep: Change = (bytes, random) => {
  const depth = random.pick([10, 63, 64, 65, 1000]);
  return random.below(10) === 0 ? Buffer.from(bytes.toString('utf8').replace(/"[^"]*"(?=[,}\]])/, `${'['.repeat(depth)}${']'.repeat(depth)}`)) : bytes;
};

/** Changes that keep most documents well-formed. */
export const JSON_CHANGES: readonly Change[] = [value, value, value, value, twice, deep];
