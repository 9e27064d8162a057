import { createCipheriv, constants, publicEncrypt, randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { ByteSource } from '../../../../src/content/byte-source.js';
import { CMS_OID } from '../../../../src/crypto/encrypt/cms/cms-oid.js';
import { openCms } from '../../../../src/crypto/encrypt/cms/decrypt-cms.js';
import { prepareCms } from '../../../../src/crypto/encrypt/cms/encrypt-cms.js';
import { sealContentKey } from '../../../../src/crypto/encrypt/cms/seal-content-key.js';
import { readCertificate } from '../../../../src/crypto/x509/certificate.js';
import { der, derHeader, derInteger, derOid, derSequence, derSetOf } from '../../../../src/crypto/x509/der-write.js';
import type { ErrorCode } from '../../../../src/errors.js';
import { CMS_LIMITS } from '../../../../src/limits.js';
import { collect, inPieces, rejectsWith, sampleBytes } from '../../../content/bytes.js';
import { opened, PARTIES, sealed } from './messages.js';

const AES_256_CBC = '2.16.840.1.101.3.4.1.42';
const SHA1 = derSequence(derOid('1.3.14.3.2.26'));
const SHA256 = derSequence(derOid('2.16.840.1.101.3.4.2.1'));
const CONTENT = sampleBytes(100);
const KEY = randomBytes(32);
const NONCE = randomBytes(12);
const owner = readCertificate(PARTIES.rsa.certificate.bytes, 'RSA');

/** A message that opens, and what of it is to be otherwise. */
interface Making {
  readonly type?: string;
  readonly cipher?: string;
  readonly parameters?: Uint8Array;
  readonly content?: string;
  readonly recipients?: readonly Uint8Array[];
  /** What stands between content and tag. */
  readonly attributes?: Uint8Array;
  readonly tag?: (tag: Uint8Array) => Uint8Array;
  /** The encrypted content, with its header. */
  readonly sealed?: Uint8Array;
}

function gcm(): { readonly sealed: Uint8Array; readonly tag: Uint8Array } {
  const cipher = createCipheriv('aes-256-gcm', KEY, NONCE);
  return { sealed: Buffer.concat([cipher.update(CONTENT), cipher.final()]), tag: cipher.getAuthTag() };
}

function message({ type = CMS_OID.authEnveloped, cipher = CMS_OID.aes256Gcm, parameters = derSequence(der(0x04, NONCE), derInteger(16)), content = CMS_OID.data, recipients = [sealContentKey(KEY, owner)], attributes = new Uint8Array(), tag = (bytes) => der(0x04, bytes), sealed: given }: Making = {}): Buffer {
  const made = gcm();
  const body = derSequence(derOid(content), derSequence(derOid(cipher), parameters), given ?? der(0x80, made.sealed));
  return Buffer.from(derSequence(derOid(type), der(0xa0, derSequence(derInteger(0), derSetOf(recipients), body, attributes, tag(made.tag)))));
}

/** `EnvelopedData` with AES-CBC, as older tools write it. */
function unproven(iv: Uint8Array = randomBytes(16)): Buffer {
  const cipher = createCipheriv('aes-256-cbc', KEY, iv.length === 16 ? iv : randomBytes(16));
  const body = Buffer.concat([cipher.update(CONTENT), cipher.final()]);
  return message({ type: CMS_OID.enveloped, cipher: AES_256_CBC, parameters: der(0x04, iv), sealed: der(0x80, body), tag: () => new Uint8Array() });
}

async function refuses(t: ExecutionContext, code: ErrorCode, making: Making | Buffer, words: RegExp, party = PARTIES.rsa, accept = false): Promise<void> {
  t.regex((await rejectsWith(t, code, opened(Buffer.isBuffer(making) ? making : message(making), party, accept))).message, words);
}

test('a message for a passphrase is called that, and no option that does not help is told', async (t) => {
  for (const [tag, words] of [[0xa3, /is encrypted for a passphrase, which is not read of CMS/], [0xa2, /for a shared key/]] as const) {
    for (const type of [CMS_OID.enveloped, CMS_OID.authEnveloped]) await refuses(t, 'decryption-refused', { type, recipients: [der(tag, derInteger(0))] }, words);
  }
  t.deepEqual(await opened(message({ recipients: [sealContentKey(KEY, owner), der(0xa3, derInteger(0))] }), PARTIES.rsa), CONTENT);
});

test('the message that these begin with opens', async (t) => {
  t.deepEqual(await opened(message(), PARTIES.rsa), CONTENT);
});

test('what proves nothing is opened on request alone', async (t) => {
  await refuses(t, 'decryption-refused', unproven(), /nothing in it proves .*--insecure-accept-unauthenticated/);
  t.deepEqual(await opened(unproven(), PARTIES.rsa, true), CONTENT);
});

test('a kind with the cipher of the other', async (t) => {
  await refuses(t, 'ciphertext-malformed', { cipher: AES_256_CBC, parameters: der(0x04, randomBytes(16)) }, /a cipher that is not read here .*not AES-GCM/);
  await refuses(t, 'ciphertext-malformed', { type: CMS_OID.enveloped, tag: () => new Uint8Array() }, /a cipher that is not read here .*not AES-CBC/, PARTIES.rsa, true);
});

test('nonces, initial values and tags of other lengths', async (t) => {
  for (const parameters of [derSequence(der(0x04, randomBytes(16)), derInteger(16)), derSequence(der(0x04, NONCE), derInteger(12)), derSequence(der(0x04, NONCE))]) await refuses(t, 'ciphertext-malformed', { parameters }, /a nonce or a tag of another length/);
  for (const length of [0, 4, 15, 17]) await refuses(t, 'ciphertext-malformed', { tag: (tag) => der(0x04, Buffer.concat([tag, Buffer.alloc(1)]).subarray(0, length)) }, /has a tag of another length than 16 bytes/);
  await refuses(t, 'ciphertext-malformed', unproven(randomBytes(8)), /an initial value of the wrong length/, PARTIES.rsa, true);
});

test('attributes, content of another type', async (t) => {
  await refuses(t, 'ciphertext-malformed', { attributes: der(0xa1, derSequence()) }, /has attributes/);
  await refuses(t, 'ciphertext-malformed', { content: '1.2.840.113549.1.7.2' }, /something else than plain data/);
});

test('a content key of another length is none', async (t) => {
  await refuses(t, 'decryption-refused', { recipients: [sealContentKey(randomBytes(16), owner)] }, /none of the given keys/);
});

test('more recipients than anybody has', async (t) => {
  const stranger = der(0xa5);
  await refuses(t, 'ciphertext-malformed', { recipients: Array.from({ length: CMS_LIMITS.recipients + 1 }, () => stranger) }, /names more than 1000 recipients/);
  await rejectsWith(t, 'decryption-refused', opened(message({ recipients: Array.from({ length: CMS_LIMITS.recipients }, () => stranger) }), PARTIES.rsa));
  t.throws(() => prepareCms(Array.from({ length: CMS_LIMITS.recipients + 1 }, () => owner)), { code: 'usage', message: /at most 1000/ });
});

test('one agreement for more recipients than anybody has', async (t) => {
  const point = PARTIES.ec.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
  const sender = der(0xa0, der(0xa1, derSequence(derOid(CMS_OID.ecPublicKey)), der(0x03, Uint8Array.of(0), point)));
  const recipient = derSequence(derSequence(), der(0x04, Buffer.alloc(40)));
  const agreement = (count: number): Uint8Array => der(0xa1, derInteger(3), sender, derSequence(derOid(CMS_OID.ecdhSha256), derSequence(derOid(CMS_OID.aes256Wrap))), derSequence(...Array.from({ length: count }, () => recipient)));
  await refuses(t, 'decryption-refused', { recipients: [agreement(CMS_LIMITS.recipients)] }, /none of the given keys/, PARTIES.ec);
  await refuses(t, 'ciphertext-malformed', { recipients: [agreement(CMS_LIMITS.recipients + 1)] }, /names more than 1000 recipients/, PARTIES.ec);
});

test('OAEP in ways that nobody writes', async (t) => {
  const info = (parameters: Uint8Array): Uint8Array => {
    const key = publicEncrypt({ key: PARTIES.rsa.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, KEY);
    return derSequence(derInteger(0), derSequence(), derSequence(derOid(CMS_OID.rsaOaep), parameters), der(0x04, key));
  };
  const mask = (function_: string, hash: Uint8Array): Uint8Array => der(0xa1, derSequence(derOid(function_), hash));
  const hash = der(0xa0, SHA256);
  t.deepEqual(await opened(message({ recipients: [info(derSequence(hash, mask(CMS_OID.mgf1, SHA256)))] }), PARTIES.rsa), CONTENT);
  for (const parameters of [
    derSequence(hash, mask('1.2.840.113549.1.1.99', SHA256)),
    derSequence(hash, mask(CMS_OID.mgf1, SHA1)),
    derSequence(hash),
    derSequence(hash, mask(CMS_OID.mgf1, SHA256), der(0xa2, derSequence(derOid(CMS_OID.emptyLabel), der(0x04, Buffer.from('label'))))),
  ]) await refuses(t, 'decryption-refused', { recipients: [info(parameters)] }, /none of the given keys/);
});

test('a sender that only a certificate names', async (t) => {
  const agreement = der(0xa1, derInteger(3), der(0xa0, derSequence(derSequence(), derInteger(1))), derSequence(derOid(CMS_OID.ecdhSha256), derSequence(derOid(CMS_OID.aes256Wrap))), derSequence(derSequence(derSequence(), der(0x04, Buffer.alloc(40)))));
  await refuses(t, 'decryption-refused', { recipients: [agreement] }, /none of the given keys/, PARTIES.ec);
});

test('lengths that are not told, and ends that are none', async (t) => {
  const { sealed: bytes, tag } = gcm();
  const open = (header: number, ...parts: readonly Uint8Array[]): Buffer => Buffer.concat([Uint8Array.of(header, 0x80), ...parts, Buffer.alloc(2)]);
  const stream = (pieces: readonly Uint8Array[], end: Uint8Array = Buffer.alloc(2)): Buffer => {
    const content = Buffer.concat([Uint8Array.of(0x30, 0x80), derOid(CMS_OID.data), derSequence(derOid(CMS_OID.aes256Gcm), derSequence(der(0x04, NONCE), derInteger(16))), Uint8Array.of(0xa0, 0x80), ...pieces, end, Buffer.alloc(2)]);
    return open(0x30, derOid(CMS_OID.authEnveloped), open(0xa0, open(0x30, derInteger(0), derSetOf([sealContentKey(KEY, owner)]), content, der(0x04, tag))));
  };
  const pieces = [der(0x04, bytes.subarray(0, 33)), der(0x04), der(0x04, bytes.subarray(33))];
  t.deepEqual(await opened(stream(pieces), PARTIES.rsa), CONTENT);
  await refuses(t, 'ciphertext-malformed', stream(pieces, Uint8Array.of(0x05, 0x00)), /an element of type 0x5 where 0x4 belongs/);
  await refuses(t, 'ciphertext-malformed', stream([Uint8Array.of(0x04, 0x80), ...pieces]), /ciphertext|length|header/);
  await refuses(t, 'ciphertext-malformed', stream([der(0x24, ...pieces)]), /an element of type 0x24 where 0x4 belongs/);
  const inside = message({ attributes: new Uint8Array(), tag: (bytes_) => Buffer.concat([der(0x04, bytes_), der(0x04)]) });
  await refuses(t, 'ciphertext-malformed', inside, /holds something that is not read here/);
  const instead = stream(pieces);
  instead[instead.length - 1] = 1;
  await refuses(t, 'ciphertext-malformed', instead, /has no end marker where one belongs/);
});

test('a list of recipients that says it is gigabytes is not read', async (t) => {
  const start = Buffer.concat([Uint8Array.of(0x30, 0x80), derOid(CMS_OID.authEnveloped), Uint8Array.of(0xa0, 0x80, 0x30, 0x80), derInteger(0), derHeader(0x31, 0xf0000000)]);
  const source: ByteSource = {
    name: 'huge', size: 0xffff0000,
    async read(offset, length) {
      if (length > 2 * CMS_LIMITS.headerBytes) throw new RangeError(`${length} bytes are asked for`);
      const bytes = Buffer.alloc(length);
      start.copy(bytes, 0, offset);
      return bytes;
    },
    async *stream() { yield new Uint8Array(); },
    locate: () => undefined,
    close: async () => undefined,
  };
  await rejectsWith(t, 'limit-exceeded', openCms(source, [{ key: PARTIES.rsa.key, label: 'RSA' }], { name: 'huge', acceptUnauthenticated: false }));
});

test('a signal ends it, in both directions', async (t) => {
  const stop = new AbortController();
  const bytes = await sealed(CONTENT, [PARTIES.rsa]);
  const { content } = await openCms({ name: 'x', size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length), stream: () => inPieces(bytes), locate: () => undefined, close: async () => undefined }, [{ key: PARTIES.rsa.key, label: 'RSA' }], { name: 'x', acceptUnauthenticated: false, signal: stop.signal });
  const encrypting = prepareCms([owner]).encrypt(inPieces(CONTENT), CONTENT.length, { name: 'x', signal: stop.signal });
  stop.abort();
  await rejectsWith(t, 'interrupted', collect(content));
  await rejectsWith(t, 'interrupted', collect(encrypting));
});
