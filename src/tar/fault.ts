import { ImgkitError } from '../errors.js';
import { printable } from './text.js';

/** Where in which file a tar problem starts. */
export interface TarPlace {
  /** The file as the user named it. */
  readonly file: string;
  /** Byte offset of the header (or of the byte) that is wrong. */
  readonly offset: number;
  /** The entry, when its name is known. */
  readonly entry?: string | undefined;
}

/** An error with code `tar-malformed`: bytes that no two tar readers are sure to read alike. `problem` is a clause without a full stop. */
export function malformed(place: TarPlace, problem: string): ImgkitError {
  return fault('tar-malformed', place, `${problem}. It is damaged or made to mislead; get it again from its source.`);
}

/** The same for what GNU tar writes for itself, when told to: `problem` says what, `option` by which option. */
export function forBackups(place: TarPlace, problem: string, option: string): ImgkitError {
  return fault('tar-malformed', place, `${problem}, which is for backups and no file. Make the tar without ${option}.`);
}

/** An error with code `tar-truncated`. `problem` is a clause without a full stop. */
export function truncated(place: TarPlace, problem: string): ImgkitError {
  return fault('tar-truncated', place, `${problem}. The file is cut short; copy it again.`);
}

/** An error with code `limit-exceeded` that names the limit to raise. */
export function overLimit(place: TarPlace, problem: string, limit: string): ImgkitError {
  return fault('limit-exceeded', place, `${problem}. Raise the limit \`${limit}\` only if you trust the source.`);
}

/** What is wrong with a file that does not even hold a header: more likely a note than an archive. */
export const SHORT = 'the file is shorter than one tar header, so it is no tar or only the start of one';

/** Hostile names fill screens; the whole name is in the details. */
function shorten(name: string): string {
  return name.length <= 200 ? name : `${name.slice(0, 120)}...${name.slice(-60)}`;
}

function fault(code: 'tar-malformed' | 'tar-truncated' | 'limit-exceeded', place: TarPlace, text: string): ImgkitError {
  const { file, offset, entry } = place;
  const named = entry === undefined || entry === '' ? '' : ` entry "${printable(shorten(entry))}"`;
  return new ImgkitError(code, `${printable(file)}:${named} at offset ${offset}: ${text}`, { file, entry, offset });
}
