import { ImgkitError } from '../errors.js';

const RELEASE = /^(v?)(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})([-+].*)?$/;

export interface SemverTagsOptions {
  /** Also give `latest`. Default: false. */
  readonly latest?: boolean;
}

/**
 * The moving tags of a release, as docker/metadata-action gives them: `1.9.6` moves `1.9` and `1`; `0.3.1` moves `0.3`
 * alone, since every 0.x breaks. A leading `v` is kept. Throws `reference-invalid` for a tag that is no release:
 * pre-releases and builds must not move anything.
 */
export function semverTags(tag: string, options: SemverTagsOptions = {}): readonly string[] {
  const [, v = '', major, minor, , rest] = RELEASE.exec(tag) ?? [];
  const shown = JSON.stringify(tag.slice(0, 130));
  if (major === undefined || minor === undefined) {
    throw new ImgkitError('reference-invalid', `The tag ${shown} is not a semantic version; moving tags need one such as 1.9.6.`, { found: tag });
  }
  if (rest !== undefined) {
    const kind = rest.startsWith('-') ? 'a pre-release' : 'a build of its own';
    throw new ImgkitError('reference-invalid', `The tag ${shown} is ${kind}, which moves no other tag; use it alone or tag a release.`, { found: tag });
  }
  return [`${v}${major}.${minor}`, ...(major === '0' ? [] : [`${v}${major}`]), ...(options.latest ? ['latest'] : [])];
}
