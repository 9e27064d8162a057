import { ImgkitError } from '../../errors.js';
import { parseSshPublicLine, type SshPublicLine } from '../keys/ssh-public-line.js';
import type { TrustFile } from '../trust/trust.js';
import { parseSshTime } from './ssh-time.js';

/** One line of an allowed_signers file: who may sign with which key, for what, and when. */
export interface AllowedSigner {
  /** Patterns with commas. */
  readonly principals: string;
  /** True when the key signs nothing itself, but certificates. */
  readonly certAuthority: boolean;
  /** Patterns with commas; undefined allows every namespace. */
  readonly namespaces?: string | undefined;
  readonly validAfter?: Date | undefined;
  readonly validBefore?: Date | undefined;
  readonly key: SshPublicLine;
  /** `FILE, line N`. */
  readonly where: string;
}

interface Options {
  certAuthority: boolean;
  namespaces?: string;
  validAfter?: Date;
  validBefore?: Date;
}

/** As OpenSSH reads the first word (`strdelim`): quotes may begin anywhere in it, and it ends where they do. */
const PRINCIPALS = /^([^"\s]*)(?:"([^"]*)"[ \t]*|[ \t]+)(.*)$/;
const OPTION = /^([a-z-]+)(?:="([^"]*)")?(,|[ \t]+)/i;

/**
 * Reads an allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS). Strict where ssh-keygen is: an unknown option or a broken line
 * fails the whole file, for nobody can know what it was to allow or to forbid. Throws `key-malformed` with the line's number.
 */
export function parseAllowedSigners(file: TrustFile): readonly AllowedSigner[] {
  const text = textLines(file);
  return text.flatMap((raw, i) => {
    const line = raw.trim();
    return line === '' || line.startsWith('#') ? [] : [parseLine(line, `${file.name}, line ${i + 1}`)];
  });
}

/** The lines of a text file of keys. Throws `key-malformed` when it is no text. */
export function textLines({ name, bytes }: TrustFile): readonly string[] {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).split(/\r?\n/);
  } catch (error) {
    throw new ImgkitError('key-malformed', `${name}: is not a text file of keys.`, { file: name }, { cause: error });
  }
}

function parseLine(line: string, where: string): AllowedSigner {
  const match = PRINCIPALS.exec(line);
  const principals = `${match?.[1] ?? ''}${match?.[2] ?? ''}`;
  if (match === null || principals === '') throw malformed(where, 'does not start with who may sign');
  const options: Options = { certAuthority: false };
  const seen = new Set<string>();
  let rest = match[3] as string;
  // A key type never looks like an option: it is followed by white space and base64, and no option has its name.
  for (let more = isOption(rest); more;) {
    const found = OPTION.exec(rest);
    if (found === null) throw malformed(where, 'has options that cannot be read');
    const [whole, name = '', value, separator = ''] = found;
    const key = name.toLowerCase();
    if (seen.has(key)) throw malformed(where, `has the option ${key} twice`);
    seen.add(key);
    setOption(options, key, value, where);
    rest = rest.slice(whole.length);
    more = separator === ',';
  }
  if (options.validAfter !== undefined && options.validBefore !== undefined && options.validAfter >= options.validBefore) throw malformed(where, 'ends before it begins to be valid');
  return { principals, ...options, key: parseSshPublicLine(rest.trim(), where), where };
}

function isOption(text: string): boolean {
  return /^(?:cert-authority|namespaces|valid-after|valid-before)\b/i.test(text) || /^[a-z-]+=/i.test(text);
}

function setOption(options: Options, name: string, value: string | undefined, where: string): void {
  if (name === 'cert-authority' && value === undefined) options.certAuthority = true;
  else if (name === 'namespaces' && value !== undefined && value !== '') options.namespaces = value;
  else if ((name === 'valid-after' || name === 'valid-before') && value !== undefined) {
    const time = parseSshTime(value);
    if (time === undefined) throw malformed(where, `has the time "${value}", which is not of the form YYYYMMDD[HHMM[SS]][Z]`);
    if (name === 'valid-after') options.validAfter = time;
    else options.validBefore = time;
  } else throw malformed(where, `has the option "${name}", which is not known or lacks its value`);
}

function malformed(where: string, problem: string): ImgkitError {
  return new ImgkitError('key-malformed', `${where}: ${problem}; see "ALLOWED SIGNERS" in ssh-keygen(1).`, { file: where });
}
