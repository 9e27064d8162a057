import { loadSigner } from '../operations/trust/load-signer.js';
import { sidecarSigner, type MakeSidecars } from '../operations/trust/sign-sidecars.js';
import type { SigningOptions } from './options.js';

/** Opens the key before anything is written, so that a wrong passphrase costs no archive. Throws as `loadSigner`. */
export async function makeSidecars(signing: SigningOptions, signal: AbortSignal | undefined): Promise<MakeSidecars> {
  return sidecarSigner(await loadSigner(signing, signal), { at: signing.at, signal });
}
