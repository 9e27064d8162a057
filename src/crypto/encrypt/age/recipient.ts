import type { Stanza } from './stanza.js';

/** Someone an archive can be encrypted for. */
export interface AgeRecipient {
  /** For people: the public key as it is written, shortened. */
  readonly label: string;
  /** `scrypt` must stand alone in a header: whoever knows the passphrase could have made the file. */
  readonly alone?: boolean | undefined;
  /** The stanza that gives the file key to this recipient only. */
  wrap(fileKey: Uint8Array): Promise<Stanza>;
}

/** What can open files that were encrypted for it. Holds a secret: never printed. */
export interface AgeIdentity {
  /** For people, without the secret: a kind, or a public key. */
  readonly label: string;
  /**
   * The file key, when one of `stanzas` is for this identity; undefined when none is. Throws `ciphertext-malformed` for a
   * stanza of its type that breaks the rules, naming the file `name`.
   */
  unwrap(stanzas: readonly Stanza[], name: string): Promise<Uint8Array | undefined>;
}
