import { expandWord, type Lookup } from './expand-word.js';
import { invalidChange } from './invalid-change.js';
import { splitWords } from './words.js';

/**
 * The pairs of ENV and LABEL: `name=value ...` with Dockerfile quoting, or the old `name value`, where the value runs to the
 * end of the line. Throws `usage`.
 */
export function keyValues(rest: string, instruction: string, lookup: Lookup): readonly (readonly [name: string, value: string])[] {
  const words = splitWords(rest);
  const [first] = words;
  if (first === undefined) throw invalidChange(instruction, 'it needs NAME=VALUE');
  if (!first.includes('=')) {
    const [, name, value] = /^(\S+)[\t\v\f\r ]+(.*)$/s.exec(rest.trim()) ?? [];
    if (name === undefined || value === undefined) throw invalidChange(instruction, 'it needs NAME=VALUE');
    return [[expandWord(name, lookup), expandWord(value, lookup)]];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at === -1) throw invalidChange(instruction, `${JSON.stringify(word)} has no "="; write NAME=VALUE, with quotes around a value that has spaces`);
    const name = expandWord(word.slice(0, at), lookup);
    if (name === '') throw invalidChange(instruction, 'a name is empty');
    return [name, expandWord(word.slice(at + 1), lookup)];
  });
}
