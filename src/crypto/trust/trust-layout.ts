/** What a file of a trust folder is for. */
export type TrustKind = 'root' | 'intermediate' | 'crl' | 'allowed-signers' | 'revoked' | 'minisign' | 'cosign' | 'gpg' | 'age-recipients' | 'policy';

/** A file of a trust folder, by where it lies. */
export interface TrustPlace {
  readonly kind: TrustKind;
  /** True for what says who may change the trust itself, under `owners/`. */
  readonly owner: boolean;
}

/** The list of files and their digests, which the owners sign. */
export const MANIFEST = 'trust.json';
/** The statement about the manifest, and signatures over that: what `imgkit sign DIR/trust.json` makes. */
export const MANIFEST_STATEMENT = `${MANIFEST}.sha256`;
export const OWNERS = 'owners/';

/** Folders, and what lies in them. */
const FOLDERS = { roots: 'root', intermediates: 'intermediate', crls: 'crl', minisign: 'minisign', cosign: 'cosign', gpg: 'gpg' } as const satisfies Record<string, TrustKind>;
/** Files that have one name. */
const SINGLES = { 'allowed_signers': 'allowed-signers', 'revoked': 'revoked', 'age_recipients': 'age-recipients', 'policy.json': 'policy' } as const satisfies Record<string, TrustKind>;

const NAME = /^\w[\w.+@ -]{0,99}$/;
const NOT_FOR_OWNERS: ReadonlySet<TrustKind> = new Set(['policy', 'gpg', 'age-recipients']);

/** What the file at `path` (relative, with `/`) is for; undefined for one that does not belong into a trust folder. */
export function placeOf(path: string): TrustPlace | undefined {
  const owner = path.startsWith(OWNERS);
  const [first = '', second, ...more] = (owner ? path.slice(OWNERS.length) : path).split('/');
  if (more.length > 0) return undefined;
  const kind: TrustKind | undefined = second === undefined ? own(SINGLES, first) : NAME.test(second) ? own(FOLDERS, first) : undefined;
  return kind === undefined || (owner && NOT_FOR_OWNERS.has(kind)) ? undefined : { kind, owner };
}

/** Where a file of that kind goes. `name` is that of the file, for kinds that have a folder. */
export function pathFor({ kind, owner }: TrustPlace, name: string): string {
  const single = Object.entries(SINGLES).find(([, each]) => each === kind)?.[0];
  const folder = Object.entries(FOLDERS).find(([, each]) => each === kind)?.[0];
  return `${owner ? OWNERS : ''}${single ?? `${folder}/${name}`}`;
}

/** True for the manifest and what signs it: they are not listed in it. */
export function isManifestFile(path: string): boolean {
  return path === MANIFEST || path === MANIFEST_STATEMENT || /^trust\.json\.sha256\.(?:p7s|sig|minisig|sigstore\.json)$/.test(path);
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
