import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSmallFile } from '../../content/write-small-file.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import { makePrivate } from '../../content/make-private.js';
import { freeName } from './free-name.js';
import { moveFile } from './move-file.js';

/** Bytes of a name, with room for `.2` and `.reason.json` behind it: file systems take 255 in all. */
const MOST_NAME = 220;
/** What is added to the name of a file for its reason: for programs, and for people. */
const [DOCUMENT, TEXT] = ['.reason.json', '.reason.txt'];

/** What a quarantined file was, and why it is here. */
export interface Reason {
  readonly name: string;
  readonly url: string;
  readonly digest?: string | undefined;
  readonly error: ImgkitError;
}

/** Where something of a refused file is. */
export interface Quarantined {
  /** The file; undefined when it was refused before it was fetched. */
  readonly path: string | undefined;
  /** Its `.reason.txt`. */
  readonly reason: string;
}

/**
 * Puts the file, if it is there, and the reason beside it (`NAME.reason.json`, `NAME.reason.txt`) into `folder`; a very long name is made
 * shorter there, and one that something there has gets a number. Throws `io-failed`, `disk-full`; then nothing of it is in `folder`.
 */
export async function quarantineFile(file: string, folder: string, { name, url, digest, error }: Reason): Promise<Quarantined> {
  const kept = (await stat(file).catch(() => undefined)) !== undefined;
  await makePrivate(folder);
  const path = await reserve(folder, shortened(name));
  const { code, message, details } = error;
  const document = { schemaVersion: 1, name, url, digest, at: new Date().toISOString(), kept, error: { code, message, details } };
  const reason = `${path}${TEXT}`;
  try {
    await writeSmallFile(`${path}${DOCUMENT}`, Buffer.from(`${JSON.stringify(document, null, 2)}\n`), { overwrite: true });
    const told = `${JSON.stringify(name)} from ${url} was not accepted:\n${oneLine(message)}\n(${code})${kept ? '' : '\nNothing of it was kept.'}\n`;
    await writeSmallFile(reason, Buffer.from(told), { overwrite: true });
    // Last: were there no room for its reason beside it, it would come again and be kept again, on a disk that is full.
    if (kept && !(await moveFile(file, path))) throw new ImgkitError('file-exists', `${path}: something of this name appeared meanwhile; it is tried again.`, { file: path });
    return { path: kept ? path : undefined, reason };
  } catch (problem) {
    for (const suffix of [DOCUMENT, TEXT]) await rm(`${path}${suffix}`, { force: true }).catch(() => undefined);
    throw problem;
  }
}

/** A path whose reason nobody else writes, of several watches with one quarantine folder: it is there, and empty. */
async function reserve(folder: string, name: string): Promise<string> {
  for (;;) {
    const path = join(folder, await freeName(folder, name, [DOCUMENT, TEXT]));
    try {
      await (await open(`${path}${DOCUMENT}`, 'wx')).close();
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fromSystemError(error, path, 'writing the reason');
    }
  }
}

/** Control characters, which a stranger may have put into a name, spelled out. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Cut before its ending, which says what the file is. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MOST_NAME) return name;
  const [end = ''] = /(?:\.[a-z]{2,4}){1,2}$/i.exec(name) ?? [];
  let start = name.slice(0, MOST_NAME - end.length);
  while (Buffer.byteLength(start) > MOST_NAME - end.length) start = start.slice(0, -1);
  return `${start.replace(/[\ud800-\udbff]$/, '')}${end}`;
}
