import type { SignatureFormat } from '../crypto/sign/signature.js';
import type { StatementEntry } from '../crypto/sign/statement.js';
import { loadSigner, type SigningKeyOptions } from '../operations/trust/load-signer.js';
import { signFiles } from '../operations/trust/sign-files.js';
import { PATH, TEXTS } from './option-kinds.js';
import { SIGNATURE_FORMAT } from './option-shapes.js';
import type { CommonOptions } from './options.js';
import { Session } from './session.js';

export interface SignOptions extends CommonOptions, SigningKeyOptions {
  /** Files of any kind; each gets a statement `FILE.sha256` of its own, unless `statement` names one for all. */
  readonly files: readonly string[];
  /** One statement about all files, in their folder. */
  readonly statement?: string | undefined;
  /** The time that the signature claims. Default: now. */
  readonly at?: Date | undefined;
}

export interface SignResult {
  readonly format: SignatureFormat;
  readonly keyId: string;
  readonly signed: readonly {
    readonly statement: string;
    /** True when the statement was there already, and true. */
    readonly kept: boolean;
    readonly signature: string;
    /** True when a signature of the same format was there, which is gone now: it may have been that of somebody else. */
    readonly replaced?: true | undefined;
    readonly files: readonly StatementEntry[];
  }[];
}

/**
 * Signs files: writes a statement of names, sizes and SHA-256 beside them, as `sha256sum -c` reads it, and a detached signature
 * over the statement, by a key of OpenSSH, minisign or cosign, or with a certificate (CMS). Receivers check both with `verify`, or with
 * sha256sum and the tool of the key. Throws `file-exists` when a statement is there that says something else, `usage`,
 * `key-malformed`, `key-refused`, `key-exposed`, `file-not-found`.
 */
export function sign(options: SignOptions): Promise<SignResult> {
  return Session.call(options, { files: TEXTS, key: PATH, 'format?': SIGNATURE_FORMAT }, async (session) => {
    const { files, statement, at, signal, onProgress } = options;
    const signer = await loadSigner(options, signal);
    const pool = await session.pool();
    const groups = statement === undefined ? files.map((file) => [file]) : [files];
    const signed = [];
    for (const group of groups) {
      const done = await signFiles({ files: group, statement, signer, at, pool, signal, onProgress });
      signed.push({ statement: done.statement, kept: done.kept, signature: done.signature, replaced: done.replaced, files: done.entries });
    }
    return { format: signer.format, keyId: signer.keyId, signed };
  });
}
