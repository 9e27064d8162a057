/** Most names that are read of one remote folder: a listing may be endless. */
export const REMOTE_ENTRIES = 100_000;
