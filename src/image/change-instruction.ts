import type { JsonObject } from '../content/json.js';
import { stringsOf, variableOf, withEntries, withField, withVariable } from './container-json.js';
import { commandForm } from './dockerfile/command-form.js';
import { expandWord, type Lookup } from './dockerfile/expand-word.js';
import { healthcheck } from './dockerfile/healthcheck.js';
import { invalidChange } from './dockerfile/invalid-change.js';
import { keyValues } from './dockerfile/key-values.js';
import { logicalLines } from './dockerfile/logical-lines.js';
import { exposedPorts } from './dockerfile/ports.js';
import { isSignal } from './dockerfile/signals.js';
import { splitWords } from './dockerfile/words.js';

/** The instructions that `--change` takes, as `docker import` and `docker commit` do. */
const CHANGE_INSTRUCTIONS = ['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL', 'ONBUILD', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'] as const;
/** What may follow ONBUILD. */
const TRIGGERS = new Set<string>(['ADD', 'ARG', 'COPY', 'RUN', 'SHELL', ...CHANGE_INSTRUCTIONS.filter((name) => name !== 'ONBUILD')]);
const DEFAULT_SHELL = ['/bin/sh', '-c'] as const;

/** What the user gave as `--change`, as one text: Docker's lines go on from one into the next. */
export function joinChanges(changes: readonly string[]): readonly string[] {
  return [changes.join('\n')];
}

/** A config and whether CMD was set by one of the changes: ENTRYPOINT clears an inherited CMD only. */
interface Changing {
  readonly container: JsonObject;
  readonly cmdSet: boolean;
}

/**
 * Applies Dockerfile instructions to the `config` object of an image config, as `docker import -c` and `docker commit -c` do:
 * same quoting, same variables (those of `Env` at that point), same shell and exec forms. Throws `usage`.
 */
export function applyChanges(container: JsonObject, changes: readonly string[]): JsonObject {
  let state: Changing = { container, cmdSet: false };
  for (const line of changes.flatMap(logicalLines)) state = apply(state, line);
  return state.container;
}

function apply({ container, cmdSet }: Changing, line: string): Changing {
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
  const lookup = (name: string): string | undefined => variableOf(container, name);
  const same = (changed: JsonObject): Changing => ({ container: changed, cmdSet });
  // Docker looks for options before all else, also where a line for a shell would follow.
  if (word.toUpperCase() !== 'HEALTHCHECK' && rest.startsWith('--')) throw invalidChange(line, `${word} has no option ${splitWords(rest)[0] as string}; a list in brackets, as in ["--port", "80"], may begin so`);
  switch (word.toUpperCase()) {
    case 'CMD': return { container: withField(container, 'Cmd', command(container, rest, line)), cmdSet: true };
    case 'ENTRYPOINT': {
      const entrypoint = command(container, rest, line);
      const changed = withField(container, 'Entrypoint', entrypoint.length === 0 ? undefined : entrypoint);
      return same(cmdSet ? changed : withField(changed, 'Cmd', undefined));
    }
    case 'ENV': return same(keyValues(rest, line, lookup).reduce((all, [name, value]) => withVariable(all, name, value), container));
    case 'EXPOSE': {
      const specs = rest.split(/\s+/).flatMap((spec) => expandWord(spec, lookup).split(/\s+/).filter(Boolean));
      if (specs.length === 0) throw invalidChange(line, 'it needs a port');
      return same(withEntries(container, 'ExposedPorts', specs.flatMap((spec) => exposedPorts(spec, line)).map((port) => [port, new Map()])));
    }
    case 'HEALTHCHECK': return same(withField(container, 'Healthcheck', healthcheck(rest, line)));
    case 'LABEL': return same(withEntries(container, 'Labels', keyValues(rest, line, lookup)));
    case 'ONBUILD': return same(withField(container, 'OnBuild', [...stringsOf(container, 'OnBuild'), trigger(rest, line)]));
    case 'STOPSIGNAL': {
      const signal = expandWord(single(rest, line), lookup);
      if (!isSignal(signal)) throw invalidChange(line, `${JSON.stringify(signal)} is not a signal`);
      return same(withField(container, 'StopSignal', signal));
    }
    case 'USER': return same(withField(container, 'User', expandWord(single(rest, line), lookup)));
    case 'VOLUME': return same(withEntries(container, 'Volumes', volumes(rest, line, lookup).map((path) => [path, new Map()])));
    case 'WORKDIR': return same(withField(container, 'WorkingDir', folder(container, expandWord(single(rest, line), lookup))));
    default: throw invalidChange(line, `${word} cannot be changed this way; possible are ${CHANGE_INSTRUCTIONS.join(', ')}`);
  }
}

/** A shell line runs in the image's SHELL. */
function command(container: JsonObject, rest: string, line: string): readonly string[] {
  if (rest === '') throw invalidChange(line, 'a command is missing; [] stands for none');
  const form = commandForm(rest, line);
  if (form.form === 'exec') return form.words;
  const shell = stringsOf(container, 'Shell');
  return [...(shell.length > 0 ? shell : DEFAULT_SHELL), form.line];
}

function volumes(rest: string, line: string, lookup: Lookup): readonly string[] {
  const form = commandForm(rest, line);
  const words = form.form === 'exec' ? form.words : form.line.split(/\s+/).filter(Boolean);
  const paths = words.map((word) => expandWord(word.trim(), lookup));
  if (paths.length === 0 || paths.includes('')) throw invalidChange(line, 'it needs the path of a folder');
  return paths;
}

function trigger(rest: string, line: string): string {
  const word = (/^\S*/.exec(rest)?.[0] ?? '').toUpperCase();
  if (!TRIGGERS.has(word)) throw invalidChange(line, word === '' ? 'an instruction is missing' : `${word} cannot follow ONBUILD`);
  return rest;
}

/** A relative folder counts from the one before. */
function folder(container: JsonObject, path: string): string {
  if (path === '') throw invalidChange('WORKDIR', 'the path is empty');
  if (path.startsWith('/')) return path;
  const before = container.get('WorkingDir');
  const parts: string[] = [];
  for (const part of `${typeof before === 'string' ? before : ''}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function single(rest: string, line: string): string {
  if (rest === '') throw invalidChange(line, 'a value is missing');
  return rest;
}
