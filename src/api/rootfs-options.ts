import { ImgkitError } from '../errors.js';
import { pathMatcher } from '../filesystem/path-pattern.js';
import type { RootfsAdjustments } from '../filesystem/rootfs.js';
import { sourceDateEpoch } from '../image/created-time.js';

/** What of a folder or tar becomes a layer, and as whose. */
export interface RootfsOptions {
  /** Everything belongs to this user and group: `UID:GID`. Default: as it is. */
  readonly owner?: string | undefined;
  /** Paths to leave out: `*` and `?` in a name, `**` across folders; without a `/`, at any depth. `commit` leaves them as the base has them; `append` refuses it for tars. */
  readonly exclude?: readonly string[] | undefined;
}

/** The options, resolved; SOURCE_DATE_EPOCH bounds every time, for `commit` those that the base does not have. Throws `usage`. */
export function rootfsAdjustments({ owner, exclude }: RootfsOptions): RootfsAdjustments {
  return {
    ...(owner === undefined ? {} : { owner: parseOwner(owner) }),
    latest: sourceDateEpoch(process.env['SOURCE_DATE_EPOCH']),
    ...(exclude === undefined || exclude.length === 0 ? {} : { excludes: pathMatcher(exclude) }),
  };
}

function parseOwner(text: string): { readonly uid: number; readonly gid: number } {
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(text) ?? [];
  const ids = { uid: Number(uid), gid: Number(gid) };
  // The last number of 32 bits means none: a file given to it stays root's.
  if (uid !== undefined && ids.uid < 2 ** 32 - 1 && ids.gid < 2 ** 32 - 1) return ids;
  throw new ImgkitError('usage', `--owner: ${JSON.stringify(text)} is not UID:GID in numbers; names mean different things on different machines.`, { found: text });
}
