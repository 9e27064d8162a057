import type { Random } from './fuzz-mutations.js';
import { MOST_BYTES } from './fuzz-bytes.js';
import type { Change } from './fuzz-target.js';

const ODD = ['', '\0', ' ', '\t', '\r', '\n', '"', "'", '\\', '/', '//', '..', '%', '%00', '%2e%2e', '@', ':', ',', ';', '=', '#', '!', '*', '?', '[', ']', '<', '>', '&', '-', '0', '-1', '99999999999999999999', '1e999', '__proto__', 'constructor', '\uFEFF', '\u202E', '\ud83d\ude00', '\x1b[2J', '\u0130', 'x'.repeat(300)];
/** Words, blanks and single signs: what most text formats are made of. */
const tokens = (text: string): string[] => text.match(/\w+|\s+|[^\w\s]/gu) ?? [];

function onParts(split: (text: string) => string[], join: string): Change {
  return (bytes, random, others) => {
    const parts = split(bytes.toString('utf8'));
    const at = random.below(parts.length + 1);
    const other = split(random.pick(others).toString('utf8'));
    switch (random.below(7)) {
      case 0: parts.splice(at, 1); break;
      case 1: parts.splice(at, 0, parts[random.below(parts.length + 1)] ?? ''); break;
      case 2: parts.splice(at, 1, random.pick(ODD)); break;
      case 3: parts.splice(at, 0, random.pick(ODD)); break;
      case 4: parts.splice(at, random.below(2), ...other.slice(random.below(other.length + 1)).slice(0, 3)); break;
      case 5: parts.splice(at, 1, swapCase(parts[at] ?? '', random)); break;
      default: if (random.below(20) === 0) parts.splice(at, 0, swollen(parts[at] ?? ' ', random));
    }
    return Buffer.from(parts.join(join).slice(0, MOST_BYTES));
  };
}

const swapCase = (text: string, random: Random): string => (random.below(2) === 0 ? text.toUpperCase() : text.toLowerCase());
const swollen = (text: string, random: Random): string => text.slice(0, 1000).repeat(Math.min(10 ** (1 + random.below(5)), Math.floor(MOST_BYTES / Math.max(1, Math.min(1000, text.length)))));

/** Changes to lines and to words. */
export const TEXT: readonly Change[] = [onParts(tokens, ''), onParts(tokens, ''), onParts(tokens, ''), onParts((text) => text.split('\n'), '\n')];
