import { createPrivateKey, type KeyObject } from 'node:crypto';
import { decryptAge } from '../../src/crypto/encrypt/age/decrypt-age.js';
import { parseHeader } from '../../src/crypto/encrypt/age/header.js';
import { HeadReader } from '../../src/crypto/encrypt/age/head-reader.js';
import { readIdentities } from '../../src/crypto/encrypt/age/read-identities.js';
import { parseRecipient, readRecipients } from '../../src/crypto/encrypt/age/read-recipients.js';
import { scryptIdentity } from '../../src/crypto/encrypt/age/scrypt.js';
import { sshIdentity } from '../../src/crypto/encrypt/age/ssh-recipient.js';
import { x25519Identity } from '../../src/crypto/encrypt/age/x25519-recipient.js';
import { openCms } from '../../src/crypto/encrypt/cms/decrypt-cms.js';
import { wrappedKeys } from '../../src/crypto/encrypt/ocicrypt/annotations.js';
import { unwrapJwe } from '../../src/crypto/encrypt/ocicrypt/jwe.js';
import { decodePrivateOptions, decodePublicOptions, encodePublicOptions } from '../../src/crypto/encrypt/ocicrypt/layer-options.js';
import { unwrapPkcs7 } from '../../src/crypto/encrypt/ocicrypt/pkcs7.js';
import { readOpensshPrivateKey } from '../../src/crypto/keys/openssh-private-key.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { SSH_VECTORS } from '../crypto/sign/ssh-vectors.js';
import { memorySource } from '../tar/memory-source.js';
import { BYTES } from './fuzz-bytes.js';
import { DER } from './fuzz-der.js';
import { fuzzFile } from './fuzz-folder.js';
import { JSON_CHANGES } from './fuzz-json.js';
import type { Seeds } from './fuzz-seeds.js';
import { drain, pieces, textTarget, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';
import { armored, SSH_WIRE } from './fuzz-wire.js';

/** What is read of encrypted files and layers before it is authenticated. */
export function secretTargets(seeds: Seeds): readonly FuzzTarget[] {
  const line = seeds('id.txt').toString('utf8').split('\n').find((each) => each.startsWith('AGE-SECRET-KEY-')) ?? '';
  const recipient = /age1\w+/.exec(seeds('id.txt').toString('utf8'))?.[0] ?? '';
  const identity = x25519Identity(line, 'the identity');
  const ssh = Promise.all([SSH_VECTORS.ed25519, SSH_VECTORS.rsa].map(async ({ privateKey }) => {
    const { key } = await readOpensshPrivateKey(privateKey, 'the key', () => Promise.resolve(undefined));
    return sshIdentity(key as KeyObject, 'the key');
  }));
  const ec = createPrivateKey({ key: seeds('ec.key'), format: 'der', type: 'pkcs8' });
  const rsa = createPrivateKey({ key: seeds('rsa.key'), format: 'der', type: 'pkcs8' });
  return [
    { name: 'age', seeds: [seeds('doc.age')], changes: [...BYTES, ...TEXT], run: (bytes) => drain(decryptAge(pieces(bytes), [identity], { name: 'the file' })) },
    { name: 'age-armor', seeds: [seeds('doc.armor')], changes: [...TEXT, ...BYTES, ...armored(BYTES, 64)], run: (bytes) => drain(decryptAge(pieces(bytes, 7), [identity], { name: 'the file' })) },
    { name: 'age-header', seeds: [seeds('many.age')], changes: [...TEXT, ...BYTES, ...armored(BYTES)], run: (bytes) => headerOf(bytes) },
    { name: 'age-ssh', seeds: [seeds('many.age')], changes: [...TEXT, ...BYTES], run: async (bytes) => drain(decryptAge(pieces(bytes), await ssh, { name: 'the file' })) },
    { name: 'age-passphrase', seeds: [seeds('pass.age')], changes: [...TEXT, ...BYTES], run: (bytes) => (littleWork(bytes) ? drain(decryptAge(pieces(bytes), [scryptIdentity('pw')], { name: 'the file' })) : undefined) },
    { name: 'age-identity-file', share: 0.3, seeds: [seeds('id.txt'), Buffer.from(SSH_VECTORS.ed25519.privateKey)], changes: [...TEXT, ...BYTES, ...armored(SSH_WIRE)], run: async (bytes) => readIdentities({ identities: [await fuzzFile('id.txt', bytes)] }) },
    { name: 'age-recipient-file', share: 0.1, seeds: [Buffer.from(`# c\n${recipient}\n${SSH_VECTORS.rsa.publicLine}\n`)], changes: [...TEXT, ...BYTES], run: async (bytes) => readRecipients({ recipientsFiles: [await fuzzFile('recipients.txt', bytes)] }) },
    textTarget('age-recipient', [recipient, ...Object.values(SSH_VECTORS).map(({ publicLine }) => publicLine)], [...TEXT, ...armored(SSH_WIRE)], (text) => parseRecipient(text, 'the recipient')),
    textTarget('age-identity', [line], [...TEXT, ...BYTES], (text) => x25519Identity(text, 'the identity')),
    { name: 'jwe', seeds: [seeds('layer.jwe')], changes: [...JSON_CHANGES, ...TEXT, ...BYTES], run: (bytes) => unwrapJwe(bytes, rsa) },
    { name: 'pkcs7', seeds: [seeds('layer.pkcs7')], changes: [...DER, ...BYTES], run: (bytes) => unwrapPkcs7(bytes, rsa) },
    {
      name: 'cms-agreed', seeds: [seeds('doc-ec.p7m')], changes: [...DER, ...BYTES],
      run: async (bytes) => drain((await openCms(memorySource(bytes), [{ label: 'the key', key: ec }], { name: 'the file', acceptUnauthenticated: true })).content),
    },
    {
      name: 'cms-encrypted', seeds: [seeds('doc.p7m'), seeds('doc-cbc.p7m')], changes: [...DER, ...BYTES],
      run: async (bytes) => drain((await openCms(memorySource(bytes), [{ label: 'the key', key: rsa }], { name: 'the file', acceptUnauthenticated: true })).content),
    },
    textTarget('layer-annotations', ['QUJD,REVG', 'QQ=='], TEXT, (text) => wrappedKeys(new Map([['org.opencontainers.image.enc.keys.jwe', text]]), 'the layer')),
    textTarget('layer-public-options', [encodePublicOptions(Buffer.alloc(32, 1))], [...TEXT, ...armored(JSON_CHANGES)], (text) => decodePublicOptions(text, 'the layer', DEFAULT_LIMITS)),
    textTarget('layer-private-options', [`{"symkey":"${'A'.repeat(43)}=","cipheroptions":{"nonce":"${'A'.repeat(22)}=="},"digest":"sha256:${'0'.repeat(64)}"}`], [...JSON_CHANGES, ...TEXT], (text) => decodePrivateOptions(Buffer.from(text), 'the layer', DEFAULT_LIMITS)),
  ];
}

function headerOf(bytes: Buffer): Promise<unknown> {
  const reader = new HeadReader(pieces(bytes, 50), 'the file');
  return parseHeader(() => reader.line(), 'the file');
}

/** scrypt's work is as much as the file asks for, by design: other cases are left out. */
function littleWork(bytes: Buffer): boolean {
  return [...bytes.toString('latin1').matchAll(/-> scrypt \S+ (\d+)/g)].every(([, work]) => Number(work) <= 10);
}
