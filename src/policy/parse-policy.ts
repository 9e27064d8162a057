import { checkDocumentSize, quoted } from '../content/json-error.js';
import { record, type JsonRecord } from '../content/json-record.js';
import { parseJson, type JsonValue } from '../content/json.js';
import { ImgkitError } from '../errors.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { patternProblem } from './match-pattern.js';
import type { Policy, PolicyFormat, Requirement, Rule } from './policy.js';

const FORMATS: ReadonlySet<string> = new Set<PolicyFormat>(['cms', 'ssh', 'minisign', 'cosign', 'gpg']);
const MOST_THRESHOLD = 100;

/**
 * Reads `policy.json`, strictly: JSON as everywhere (no key twice, no trailing data), and no field that is not known, for a
 * misspelt one would silently ask for less. Throws `document-malformed`, naming `where`.
 */
export function parsePolicy(bytes: Uint8Array, where: string): Policy {
  checkDocumentSize(bytes, DEFAULT_LIMITS.documentBytes, where, 'documentBytes');
  const policy = strictRecord(parseJson(bytes, where, DEFAULT_LIMITS), where, ['version', 'default', 'repositories']);
  if (policy.integer('version') !== 1) throw wrong(where, `has the version ${policy.integer('version')}; this imgkit knows version 1`);
  const rules: Rule[] = [];
  for (const [pattern, value] of policy.optionalMap('repositories') ?? []) {
    const problem = patternProblem(pattern);
    if (problem !== undefined) throw wrong(where, `has the repository ${quoted(pattern)}, which ${problem}`);
    rules.push({ pattern, requirement: readRequirement(value, `${where}, repository ${pattern}`) });
  }
  const fallback = policy.value('default');
  if (fallback === undefined) throw wrong(where, 'has no field default: say what holds for all other repositories ("reject" is a good start)');
  return { source: where, rules, fallback: readRequirement(fallback, `${where}, default`) };
}

function readRequirement(value: JsonValue, where: string): Requirement {
  if (value === 'accept' || value === 'reject') return { kind: value };
  if (typeof value === 'string') throw wrong(where, `is ${quoted(value)}; it must be "accept", "reject" or what must be signed`);
  const fields = strictRecord(value, where, ['signedBy', 'threshold', 'formats', 'maxAgeDays']);
  const signedBy = fields.optionalStrings('signedBy');
  if (signedBy !== undefined && (signedBy.length === 0 || signedBy.includes('') || new Set(signedBy).size < signedBy.length)) throw wrong(where, 'field signedBy must be a list of different names, at least one');
  const threshold = fields.optionalInteger('threshold') ?? 1;
  if (threshold < 1 || threshold > (signedBy?.length ?? MOST_THRESHOLD)) throw wrong(where, `field threshold is ${threshold}, which can never be met or asks for nothing; use 1 to ${signedBy?.length ?? MOST_THRESHOLD}`);
  const formats = fields.optionalStrings('formats');
  const unknown = formats?.find((format) => !FORMATS.has(format));
  if (unknown !== undefined || formats?.length === 0) throw wrong(where, `field formats must be a list of ${[...FORMATS].join(', ')}${unknown === undefined ? '' : `, but has ${quoted(unknown)}`}`);
  const maxAgeDays = fields.optionalInteger('maxAgeDays');
  if (maxAgeDays === 0) throw wrong(where, 'field maxAgeDays is 0, which no signature can meet');
  return { kind: 'signed', signedBy, threshold, formats: formats as readonly PolicyFormat[] | undefined, maxAgeDays };
}

function strictRecord<K extends string>(value: JsonValue, where: string, known: readonly K[]): JsonRecord<K> {
  const fields = record(value, where, known);
  for (const [key, member] of fields.members) {
    if (!(known as readonly string[]).includes(key)) throw wrong(where, `has the field ${quoted(key)}, which is not known (${known.join(', ')})`);
    if (member === null) throw wrong(where, `field ${key} is null; leave it out`);
  }
  return fields;
}

/** Whoever reads this may well have written the policy. */
function wrong(where: string, problem: string): ImgkitError {
  return new ImgkitError('document-malformed', `${where}: ${problem}; correct it, or get it again from who is in charge of it.`, { entry: where });
}
