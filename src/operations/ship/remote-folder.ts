import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import type { RemoteEntry } from '../../transport/transport.js';
import { SIDECAR_SUFFIXES, SIGNATURE_SUFFIXES } from './commit-upload.js';
import { isPartName } from './remote-target.js';

/** A file in a remote folder, with what stands beside it. */
export interface DroppedFile {
  readonly name: string;
  readonly size?: number | undefined;
  /** RFC 3339. */
  readonly modified?: string | undefined;
  readonly version?: string | undefined;
  /** `NAME.sha256` is there: the sender has finished. */
  readonly complete: boolean;
  /** What the names of its signatures add: `.sha256.sig`. */
  readonly signatures: readonly string[];
}

export interface RemoteFolder {
  readonly files: readonly DroppedFile[];
  readonly folders: readonly string[];
  /** Transfers that are under way, or were cut. */
  readonly parts: readonly { readonly name: string; readonly size?: number | undefined; readonly modified?: string | undefined }[];
}

/** Sorts a listing: files with their sidecars, folders, part files. Other hidden files are nobody's business. Names in their binary order. */
export function readFolder(entries: readonly RemoteEntry[]): RemoteFolder {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const names = new Set(sorted.flatMap(({ name, kind }) => (kind === 'file' ? [name] : [])));
  const about = ({ name, size, modified }: RemoteEntry): { name: string; size: number | undefined; modified: string | undefined } => ({ name, size, modified: modified?.toISOString() });
  const plain = sorted.filter(({ name, kind }) => kind === 'file' && !name.startsWith('.'));
  const isSidecar = (name: string): boolean => SIDECAR_SUFFIXES.some((suffix) => name.endsWith(suffix) && names.has(name.slice(0, -suffix.length)));
  return {
    files: plain.filter(({ name }) => !isSidecar(name)).map((entry) => ({
      ...about(entry),
      version: entry.version,
      complete: names.has(`${entry.name}${STATEMENT_SUFFIX}`),
      signatures: SIGNATURE_SUFFIXES.filter((suffix) => names.has(`${entry.name}${suffix}`)),
    })),
    folders: sorted.filter(({ kind, name }) => kind === 'folder' && !name.startsWith('.')).map(({ name }) => name),
    parts: sorted.filter(({ kind, name }) => kind === 'file' && isPartName(name)).map(about),
  };
}
