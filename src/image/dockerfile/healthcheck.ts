import type { JsonObject, JsonValue } from '../../content/json.js';
import { commandForm } from './command-form.js';
import { parseDuration } from './duration.js';
import { invalidChange } from './invalid-change.js';

const TIMES: ReadonlyMap<string, string> = new Map([
  ['interval', 'Interval'], ['timeout', 'Timeout'], ['start-period', 'StartPeriod'], ['start-interval', 'StartInterval'], ['retries', 'Retries'],
]);
/** The order in which Go writes them. */
const ORDER = ['Test', 'Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'] as const;

/** `Healthcheck` of the container config, from what follows HEALTHCHECK. Throws `usage`. */
export function healthcheck(rest: string, instruction: string): JsonObject {
  const fields = new Map<string, JsonValue>();
  let left = rest.trim();
  for (let flag = /^--(\S+)\s*/.exec(left); flag !== null; flag = /^--(\S+)\s*/.exec(left)) {
    const [name = '', value = ''] = (flag[1] as string).split(/=(.*)/s);
    const [field, number] = option(name, value.replace(/^(["'])(.*)\1$/, '$2'), instruction);
    if (fields.has(field)) throw invalidChange(instruction, `--${name} is given more than once`);
    fields.set(field, number);
    left = left.slice(flag[0].length);
  }
  fields.set('Test', test(left, instruction));
  if (left.toUpperCase() === 'NONE' && fields.size > 1) throw invalidChange(instruction, 'HEALTHCHECK NONE takes no options');
  return new Map(ORDER.flatMap((name): [string, JsonValue][] => {
    const value = fields.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

function test(text: string, instruction: string): readonly string[] {
  const [, kind = '', command = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? [];
  switch (kind.toUpperCase()) {
    case 'NONE':
      if (command !== '') throw invalidChange(instruction, 'HEALTHCHECK NONE takes no arguments');
      return ['NONE'];
    case 'CMD': {
      const form = commandForm(command, instruction);
      if (form.form === 'exec' ? form.words.length === 0 : form.line === '') throw invalidChange(instruction, 'a command is missing behind HEALTHCHECK CMD');
      return form.form === 'exec' ? ['CMD', ...form.words] : ['CMD-SHELL', form.line];
    }
    default: throw invalidChange(instruction, 'write HEALTHCHECK [OPTIONS] CMD command, or HEALTHCHECK NONE');
  }
}

function option(name: string, value: string, instruction: string): readonly [string, number] {
  const field = TIMES.get(name);
  if (field === undefined) throw invalidChange(instruction, `HEALTHCHECK has no option --${name}`);
  if (field === 'Retries') {
    if (/^\d{1,6}$/.test(value) && Number(value) >= 1) return [field, Number(value)];
    throw invalidChange(instruction, '--retries takes a whole number from 1');
  }
  const time = parseDuration(value);
  if (time === undefined || time < 1e6) throw invalidChange(instruction, `--${name} takes a time of at least 1ms, such as 30s or 1m30s`);
  return [field, time];
}
