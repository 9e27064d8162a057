import { deflateRawSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import * as openpgp from 'openpgp';
import { gpgKeyProblem, readGpgKeys } from '../../../src/crypto/openpgp/gpg-keys.js';
import { openGpgSigner } from '../../../src/crypto/openpgp/gpg-signer.js';
import { verifyGpgImageSignature } from '../../../src/crypto/sign/image/verify-gpg-image.js';
import { emptyTrust, type TrustFile } from '../../../src/crypto/trust/trust.js';
import type { ErrorCode } from '../../../src/errors.js';
import { rejectsWith } from '../../content/bytes.js';
import { AT, DAY, DIGEST, makeKey, packetOf, PAYLOAD, publicOf, signMessage, TOO_LARGE } from '../gpg-keys.js';

/** Signatures in which only one thing is wrong, so that only one check can refuse them. */
async function refused(t: ExecutionContext, code: ErrorCode, bytes: Uint8Array, keys: readonly TrustFile[], sentence: RegExp, at = AT): Promise<void> {
  const read = (await Promise.all(keys.map(readGpgKeys))).flat();
  t.regex((await rejectsWith(t, code, verifyGpgImageSignature({ name: 's', bytes }, DIGEST, emptyTrust(at), read), String(sentence))).message, sentence);
}

test('times: in the future, and before there was the key', async (t) => {
  const key = await makeKey();
  await refused(t, 'signature-untrusted', await signMessage(key, { at: new Date(AT.getTime() + DAY) }), [publicOf(key)], /which is in the future of 2026-06-01T12:00:00Z/);
  await refused(t, 'signature-untrusted', await signMessage(key, { at: new Date(AT.getTime() - 400 * DAY), keyAt: AT }), [publicOf(key)], /is younger than the signature/);
});

/** Where the subpackets begin that are signed: behind the packet's header, version, types and their length. */
const SUBPACKETS = 5 + 6;

test('a critical part that nobody knows here', async (t) => {
  const key = await makeKey();
  const good = Buffer.from(await signMessage(key));
  const bytes = Buffer.concat([good.subarray(0, SUBPACKETS), Buffer.of(2, 0x80 | 99, 1), good.subarray(SUBPACKETS)]);
  for (const [at, size] of [[1, 4], [SUBPACKETS - 2, 2]] as const) bytes.writeUIntBE(bytes.readUIntBE(at, size) + 3, at, size);
  await refused(t, 'signature-untrusted', bytes, [publicOf(key)], /only under a condition/);
});

test('no time, no key', async (t) => {
  const key = await makeKey();
  const good = Buffer.from(await signMessage(key));
  const timeless = Buffer.from(good);
  // A subpacket of five bytes, of type 2: the time.
  const time = timeless.findIndex((byte, at) => at >= SUBPACKETS && byte === 5 && ((timeless[at + 1] as number) & 0x7f) === 2);
  timeless[time + 1] = 100;
  await refused(t, 'signature-malformed', timeless, [publicOf(key)], /cannot be read|says no time/);
  const anonymous = Buffer.from(good);
  const id = Buffer.from(key.getKeyID().toHex(), 'hex');
  for (let at = anonymous.indexOf(id); at !== -1; at = anonymous.indexOf(id)) anonymous.fill(0, at, at + id.length);
  await refused(t, 'signature-malformed', anonymous, [publicOf(key)], /does not say by which key it is/);
});

test('a subkey that is revoked in one form of its key is so in all', async (t) => {
  const key = await makeKey({ subkeys: [{ sign: true }] });
  const [part] = key.getSubkeys() as [openpgp.Subkey];
  const revoked = new openpgp.PrivateKey(key.toPacketList());
  const made = await part.revoke(key.keyPacket as openpgp.SecretKeyPacket, { flag: openpgp.enums.reasonForRevocation.keyCompromised }, AT);
  revoked.subkeys = [made];
  const bytes = await signMessage(key);
  await refused(t, 'signature-untrusted', bytes, [publicOf(key), publicOf(revoked, 'keys/revoked.gpg')], /its key was revoked \(keys\/revoked\.gpg\)/);
});

test('each bound says which it is', async (t) => {
  const literal = packetOf(11, Buffer.concat([Buffer.from('b\0\0\0\0\0'), PAYLOAD]));
  const signature = packetOf(2, Buffer.from([4, 0, 22, 8]));
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [Buffer.concat([packetOf(2, Buffer.from([3, 5, 0, 0, 0, 0, 0])), literal]), /is of version 3; version 4 is needed/],
    [Buffer.concat([packetOf(2, Buffer.alloc(20_000, 4)), literal]), /has a signature of more than 16384 bytes/],
    [Buffer.concat([signature, packetOf(11, Buffer.alloc(TOO_LARGE + 6))]), /holds a document of more than 65536 bytes/],
    [packetOf(8, Buffer.concat([Buffer.of(1), deflateRawSync(Buffer.alloc(8 * 1024 * 1024))])), /is larger than \d+ bytes when it is decompressed/],
    [Buffer.concat(Array.from({ length: 9 }, () => literal)), /has more than 8 packets/],
    [Buffer.concat([Buffer.of(0xcb), Buffer.alloc(20_000, 0xe0)]), /in more than 4096 parts/],
  ];
  for (const [bytes, sentence] of cases) await refused(t, 'signature-malformed', bytes, [publicOf(await makeKey())], sentence);
});

test('a file of keys has a bound', async (t) => {
  const key = (await makeKey()).toPublic().write();
  const bytes = Buffer.concat([key, Buffer.alloc(4 * 1024 * 1024)]);
  t.regex((await rejectsWith(t, 'key-malformed', readGpgKeys({ name: 'k', bytes }))).message, /has more than 4194304 bytes/);
});

/** Made by gpg 2.2.40 and skopeo 1.9.3: a key on brainpoolP256r1, its secret half, and a signature by it. */
const BRAINPOOL = {
  public: 'mFMEawNBCBMJKyQDAwIIAQEHAgMEFtJcWNVfZEkGKvORCnSINWZr0EtWjpdOW078nZMNqeRQKWHi6Txlr6kvmod0MxBisg8q3pnixyge3wK7o353ZbQEYnBAeIiWBBMTCAA+FiEEscAg0IECU3iJj8zV3EhLFUlpfJMFAmsDQQgCGwMFCQPCZwAFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ3EhLFUlpfJN2owD6AldEGz1ktQGwyC2EaSHhBc50MYmgn/ridXpLqiU3EeAA/0TCzfjiWCboTe12odmyJmAXc16Gg5W5VMoGxxlGwYOW',
  secret: 'lHgEawNBCBMJKyQDAwIIAQEHAgMEFtJcWNVfZEkGKvORCnSINWZr0EtWjpdOW078nZMNqeRQKWHi6Txlr6kvmod0MxBisg8q3pnixyge3wK7o353ZQAA/0xNbngA3lfQuSGoxvQSqFjhN5ehBrmMl0CK7Jm1gsvLEh+0BGJwQHiIlgQTEwgAPhYhBLHAINCBAlN4iY/M1dxISxVJaXyTBQJrA0EIAhsDBQkDwmcABQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJENxISxVJaXyTdqMA+gJXRBs9ZLUBsMgthGkh4QXOdDGJoJ/64nV6S6olNxHgAP9Ews344lgm6E3tdqHZsiZgF3NehoOVuVTKBscZRsGDlg==',
  signature: 'owGbwMvMwCF8x8Nb1DOzZjLj6QOxSQzZzI681UrJRZklmcmJOUpW1UqZKal5JZkllSB2Sn5ydmqRblFqWmpRal5yqpIVVEgvM18/JzOpKLGoUj+xoMDKUKlWRykzNzE9FUlbbmJeZlpqcYluSmY6kAJqLs5INDI1szJOMjcyMrQ0tUhJNE9MNkg1Nk0xSksCSiUlJyYnpqWaW6SkJKYkJpmZpRiZpCalmaUYG6cYplkkGRpbGpmngS0rqSwAOSexJD83M1khOT+vJDEzL7VIoTgzPS+xpLQoFaQov6AkMz8P4q/kolSg4iKEHlM9I2M9QyWgUZm5QOcl5hYoWRmaW5oamwORcW1tRykLgzAHg6yYIsvGAwoXGpmCKzr7z1yFhR8rEyjsGLg4BWAizT8YGRZzhWxe/+Uj044e2XtXUi5PardrPK5/qm72hF2urMpiL3QY/kdqLzSak2xcYH2vb2V2/7FqJqbIqWfO2b/Z/DH8t5KWYjwA',
} as const;

test('a key on a curve that is not computed here is called that: its good signatures did not fit', async (t) => {
  const [key, secret, signature] = [BRAINPOOL.public, BRAINPOOL.secret, BRAINPOOL.signature].map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer, Buffer];
  await refused(t, 'signature-untrusted', signature, [{ name: 'bp.gpg', bytes: key }], /cannot be checked here: its key is on the curve brainpoolP256r1/);
  const [read] = await readGpgKeys({ name: 'bp.gpg', bytes: key });
  t.is(read === undefined ? '' : await gpgKeyProblem(read, undefined, AT), 'is on the curve brainpoolP256r1, which is not computed here');
  t.regex((await rejectsWith(t, 'key-refused', openGpgSigner(secret, 'bp.sec', async () => undefined, AT))).message, /is on the curve brainpoolP256r1, which is not computed here/);
});
