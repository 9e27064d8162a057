/** What `keygen` can make. */
export interface MakeKeyOptions {
  /** Base name of the files, without ending. */
  readonly name: string;
  /** Protects the secret part; undefined leaves it readable to whoever gets the file. */
  readonly passphrase: string | undefined;
  /** Whose it is, for people; ends up in the public part too. */
  readonly comment: string;
  readonly signal?: AbortSignal | undefined;
}

/** One file of a new key. */
export interface MadeKeyFile {
  /** In the folder that the user named. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Written with mode 0600. */
  readonly secret: boolean;
}

/** A new key, not written yet. */
export interface MadeKey {
  /** For people: fingerprint, key ID. */
  readonly keyId: string;
  readonly files: readonly MadeKeyFile[];
  /** What to give to others, where that is one line; for printing. */
  readonly publicLine?: string | undefined;
  /** One sentence each. */
  readonly notes: readonly string[];
}

/** Makes a key of one type, in memory. Throws `key-refused` for options that the type cannot have. */
export type MakeKey = (options: MakeKeyOptions) => Promise<MadeKey>;
