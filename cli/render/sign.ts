import type { SignResult } from '../../src/index.js';
import { escape } from './escape.js';
import { count } from './units.js';

/** The statement and the signature of every file or group of files. */
export function renderSigned(result: SignResult): readonly string[] {
  return result.signed.flatMap(({ statement, kept, signature, files }) => [
    ...files.map(({ name, digest }) => `${digest}  ${escape(name)}`),
    `  ${escape(statement)}${kept ? ' (there already, and true)' : ''}`,
    `  ${escape(signature)}`,
  ]);
}

export function renderSignedSummary({ format, keyId, signed }: SignResult): string {
  return `signed ${count(signed.flatMap(({ files }) => files).length, 'file')} with ${format} key ${escape(keyId)}`;
}
