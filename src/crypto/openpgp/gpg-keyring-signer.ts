import { ImgkitError } from '../../errors.js';
import type { GpgSigner } from './gpg-signer.js';
import { runGpg } from './run-gpg.js';
import { readSignedMessage } from './signed-message.js';

/** One line of `gpg --with-colons`: a primary key or subkey whose secret half gpg can use. */
interface SecretKey {
  readonly primary: boolean;
  readonly created: number;
  readonly fingerprint: string;
}

/** Fields of a line (GnuPG, doc/DETAILS). */
const FIELD = { kind: 0, validity: 1, created: 5, fingerprint: 9, capabilities: 11, serial: 14 } as const;

/**
 * A key in gpg's own keyring, whose secret half stays there: in its agent, on a smart card. `who` is a fingerprint, or what names one key,
 * as for `gpg --local-user`. gpg asks for passphrase or PIN by itself. The primary key signs if it can, as for key files. Throws
 * `key-refused` with the reason that gpg gives.
 */
export async function openKeyringSigner(who: string, signal: AbortSignal | undefined): Promise<GpgSigner> {
  const listed = (await runGpg(['--with-colons', '--list-secret-keys', '--', who], { who, signal })).toString('utf8');
  const keys = listed.split('\n').filter((line) => line.startsWith('sec:'));
  if (keys.length !== 1) throw new ImgkitError('key-refused', `gpg:${who}: gpg has ${keys.length} such secret keys; name one by its fingerprint (gpg --list-secret-keys).`);
  const able = signingKeys(listed);
  const chosen = able.find(({ primary }) => primary) ?? able.toSorted((a, b) => b.created - a.created)[0];
  const keyId = /^fpr:(?:[^:]*:){8}([0-9A-F]{40}):/m.exec(listed)?.[1];
  if (chosen === undefined || keyId === undefined) throw new ImgkitError('key-refused', `gpg:${who}: no part of this key can sign now; make a new one, or renew it.`);
  return {
    keyId,
    subkey: chosen.primary ? undefined : chosen.fingerprint,
    publicKey: await runGpg(['--export', keyId], { who, signal }),
    async sign(document, at) {
      const time = ['--faked-system-time', `${Math.floor(at.getTime() / 1000)}!`];
      const signature = await runGpg([...time, '--digest-algo', 'SHA512', '--compress-algo', 'none', '--local-user', `${chosen.fingerprint}!`, '--sign'], { who, signal, input: document });
      readSignedMessage(signature, (problem) => new ImgkitError('key-refused', `gpg:${who}: what gpg made ${problem}; use another key, or another gpg.`));
      return signature;
    },
  };
}

/** The parts of a key that may sign and whose secret half is there: neither expired nor revoked, and no stub. */
function signingKeys(listed: string): readonly SecretKey[] {
  const found: SecretKey[] = [];
  let current: readonly string[] | undefined;
  for (const line of listed.split('\n')) {
    const fields = line.split(':');
    if (fields[FIELD.kind] === 'sec' || fields[FIELD.kind] === 'ssb') current = fields;
    if (fields[FIELD.kind] !== 'fpr' || current === undefined) continue;
    // Small letters are what this part can do, capital ones what the whole key can.
    const able = (current[FIELD.capabilities] ?? '').includes('s') && !/[reidn]/.test(current[FIELD.validity] ?? '') && current[FIELD.serial] !== '#';
    if (able) found.push({ primary: current[FIELD.kind] === 'sec', created: Number(current[FIELD.created]), fingerprint: fields[FIELD.fingerprint] ?? '' });
    current = undefined;
  }
  return found;
}
