// What a layer gave a name to, as a number of a `NameTable`. From LINK on it is no folder.

export const FOLDER = 1;
/** To a folder that only names below it tell of. */
export const IMPLIED = 2;
/** A hard link may be to a symlink, or to what is not known in the layer, which may be one. */
export const LINK = 3;
export const OTHER = 4;
/** A whiteout hides it, and nothing has the name yet. */
export const GONE = 5;
