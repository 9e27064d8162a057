import { loadSigner } from '../operations/trust/load-signer.js';
import { addSignature } from '../operations/trust/sign-sidecars.js';
import type { Sidecars } from '../operations/ship/commit-upload.js';
import type { SigningOptions } from './options.js';

/**
 * Opens the key, and gives what signs a statement for every host that it goes to. The same statement is signed once, however many
 * hosts and attempts there are: a key on a token asks to be touched each time. Throws as `loadSigner`.
 */
export async function addSignatures(signing: SigningOptions, signal: AbortSignal | undefined): Promise<(sidecars: Sidecars, name: string) => Promise<Sidecars>> {
  const signer = await loadSigner(signing, signal);
  const made = new Map<string, Promise<Sidecars>>();
  return (sidecars, name) => {
    const text = `${name}\n${Buffer.from(sidecars.statement).toString('latin1')}`;
    const signed = made.get(text) ?? addSignature(sidecars, name, signer, { at: signing.at, signal });
    made.set(text, signed);
    return signed;
  };
}
