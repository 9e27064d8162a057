import type { ListFolderResult } from '../../src/index.js';
import { escape } from './escape.js';
import { table } from './table.js';
import { bytes } from './units.js';

const COLUMNS = [{ title: 'NAME' }, { title: 'SIZE', align: 'right' }, { title: 'MODIFIED' }, { title: 'CHECKSUM' }, { title: 'SIGNED' }] as const;

/** A table of a remote folder: folders, files, then transfers that are not finished. */
export function renderFolder({ files, folders, parts }: ListFolderResult, width: number | undefined): readonly string[] {
  const size = (value: number | undefined): string => (value === undefined ? '-' : bytes(value));
  return table(COLUMNS, [
    ...folders.map((name) => [`${escape(name)}/`, '-', '-', '-', '-']),
    ...files.map((file) => [escape(file.name), size(file.size), minute(file.modified), file.complete ? 'yes' : 'no', file.signatures.map((suffix) => suffix.replace('.sha256.', '')).join(' ') || 'no']),
    ...parts.map((part) => [escape(part.name), size(part.size), minute(part.modified), 'part', '-']),
  ], width);
}

function minute(time: string | undefined): string {
  return time === undefined ? '-' : time.slice(0, 16).replace('T', ' ');
}
