import { createHash } from 'node:crypto';
import type { Digest } from '../../content/digest.js';
import { parseDigest } from '../../content/digest.js';
import { checkDocumentSize, malformed, quoted } from '../../content/json-error.js';
import { record } from '../../content/json-record.js';
import { stringifyCanonical } from '../../content/json-write.js';
import { parseJson } from '../../content/json.js';
import { ImgkitError } from '../../errors.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import type { Trust } from './trust.js';
import { isManifestFile, placeOf } from './trust-layout.js';

/** `trust.json`: which files belong to a trust, in which version. */
export interface TrustManifest {
  /** Grows with every change. */
  readonly version: number;
  readonly created: Date;
  readonly revocation: Trust['revocation'];
  /** SHA-256 by path. */
  readonly files: ReadonlyMap<string, Digest>;
}

/** The files of a trust folder, by path from its root, with `/`. */
export type TrustFiles = ReadonlyMap<string, Uint8Array>;

const FIELDS = ['version', 'created', 'revocation', 'files'] as const;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Reads a manifest, strictly. Throws `document-malformed` or `digest-malformed`. */
export function parseTrustManifest(bytes: Uint8Array, where: string): TrustManifest {
  checkDocumentSize(bytes, DEFAULT_LIMITS.documentBytes, where, 'documentBytes');
  const fields = record(parseJson(bytes, where, DEFAULT_LIMITS), where, FIELDS);
  const unknown = [...fields.members.keys()].find((key) => !(FIELDS as readonly string[]).includes(key));
  if (unknown !== undefined) throw malformed(where, `has the field ${quoted(unknown)}, which is not known`);
  const version = fields.integer('version');
  if (version === 0) throw malformed(where, 'has the version 0; versions start at 1');
  const created = fields.string('created');
  if (!TIME.test(created) || Number.isNaN(Date.parse(created))) throw malformed(where, `field created must be a time such as 2026-06-01T12:00:00Z, but is ${quoted(created)}`);
  const revocation = fields.optionalString('revocation') ?? 'if-present';
  if (revocation !== 'required' && revocation !== 'if-present') throw malformed(where, `field revocation must be "required" or "if-present", but is ${quoted(revocation)}`);
  const files = new Map<string, Digest>();
  if (!fields.has('files')) throw malformed(where, 'has no field files');
  for (const [path, digest] of fields.stringMap('files')) {
    if (placeOf(path) === undefined) throw malformed(where, `lists the file ${quoted(path)}, which does not belong into a trust folder`);
    files.set(path, parseDigest(digest, `${where}, file ${path}`));
  }
  return { version, created: new Date(created), revocation, files };
}

/** The manifest for `files`, one file a line, so that changes can be read. */
export function formatTrustManifest(files: TrustFiles, { version, created, revocation }: Omit<TrustManifest, 'files'>): Uint8Array {
  const lines = [...files].filter(([path]) => !isManifestFile(path)).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, bytes]) => `    ${JSON.stringify(path)}: "${digestOf(bytes)}"`);
  const head = stringifyCanonical({ version, created: created.toISOString(), revocation }).slice(1, -1).split(/,(?=")/).map((line) => `  ${line.replace(':', ': ')}`);
  return Buffer.from(`{\n${head.join(',\n')},\n  "files": {${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}}\n}\n`);
}

/** Compares the files with their manifest: each listed one unchanged, and no other. Throws `digest-mismatch` or `document-malformed`. */
export function checkTrustFiles(files: TrustFiles, manifest: TrustManifest, folder: string): void {
  for (const [path, digest] of manifest.files) {
    const bytes = files.get(path);
    if (bytes === undefined) throw malformed(folder, `lacks the file ${path}, which its manifest lists`);
    const found = digestOf(bytes);
    if (found !== digest) throw new ImgkitError('digest-mismatch', `${folder}: the file ${path} is not the one that its manifest lists: somebody changed it; change a trust with "imgkit trust", or get it again.`, { file: folder, entry: path, expected: digest, found });
  }
  const extra = [...files.keys()].find((path) => !isManifestFile(path) && !manifest.files.has(path));
  if (extra !== undefined) throw new ImgkitError('document-malformed', `${folder}: has the file ${quoted(extra)}, which its manifest does not list: somebody put it there; move it away, and add what belongs there with "imgkit trust add".`, { file: folder, entry: extra });
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}
