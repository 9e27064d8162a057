import type { ImageSource, Root } from '../image/image-source.js';

/** A root that a user picked from a source, and the names it shall have at the target. */
export interface Selection {
  readonly source: ImageSource;
  readonly root: Root;
  readonly names: readonly string[];
  readonly refName?: string | undefined;
  /** The user named it; false for an artifact that goes along because it is about what was named. */
  readonly meant: boolean;
}
