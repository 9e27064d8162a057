import { gzipSync } from 'node:zlib';
import { readCosignPrivateKey } from '../../src/crypto/keys/cosign-private-key.js';
import { parseCosignPublicKey } from '../../src/crypto/keys/cosign-public-key.js';
import { readMinisignSecretKey } from '../../src/crypto/keys/minisign-secret-key.js';
import { decodePem, encodePem } from '../../src/crypto/keys/pem-text.js';
import { readPkcs8 } from '../../src/crypto/keys/pkcs8-read.js';
import { parseMinisignPublicKey } from '../../src/crypto/keys/minisign-public-key.js';
import { readOpensshPrivateKey } from '../../src/crypto/keys/openssh-private-key.js';
import { readPkcs12 } from '../../src/crypto/keys/pkcs12.js';
import { parseSshPublicLine } from '../../src/crypto/keys/ssh-public-line.js';
import { parseAllowedSigners } from '../../src/crypto/sign/allowed-signers.js';
import { readGpgKeys } from '../../src/crypto/openpgp/gpg-keys.js';
import { verifyCms } from '../../src/crypto/sign/cms/verify-cms.js';
import { encodeAtomicSigning, parseAtomicSigning } from '../../src/crypto/sign/image/atomic-signing.js';
import { decodeImageBundle, encodeImageBundle } from '../../src/crypto/sign/image/image-bundle.js';
import { encodeInToto, parseInToto } from '../../src/crypto/sign/image/in-toto.js';
import { verifyGpgImageSignature } from '../../src/crypto/sign/image/verify-gpg-image.js';
import { encodeSimpleSigning, parseSimpleSigning } from '../../src/crypto/sign/image/simple-signing.js';
import { parseStatement } from '../../src/crypto/sign/parse-statement.js';
import { krlRevokes } from '../../src/crypto/sign/ssh-krl.js';
import { verifyCosignBlob } from '../../src/crypto/sign/verify-cosign.js';
import { verifyMinisign } from '../../src/crypto/sign/verify-minisign.js';
import { verifySsh } from '../../src/crypto/sign/verify-ssh.js';
import { emptyTrust } from '../../src/crypto/trust/trust.js';
import { parseTrustManifest } from '../../src/crypto/trust/trust-manifest.js';
import { readCertificateLists } from '../../src/crypto/x509/certificate-list.js';
import { readCertificates } from '../../src/crypto/x509/read-certificates.js';
import { ImgkitError } from '../../src/errors.js';
import { readTrustArchive } from '../../src/operations/trust/read-trust-archive.js';
import { recogniseTrustFile } from '../../src/operations/trust/recognise-trust-file.js';
import { parsePolicy } from '../../src/policy/parse-policy.js';
import { SSH_DOCUMENT, SSH_VECTORS } from '../crypto/sign/ssh-vectors.js';
import { BYTES } from './fuzz-bytes.js';
import { DER } from './fuzz-der.js';
import { fuzzFile } from './fuzz-folder.js';
import { JSON_CHANGES } from './fuzz-json.js';
import { tarChange } from './fuzz-mutations.js';
import type { Seeds } from './fuzz-seeds.js';
import { textTarget, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';
import { armored, SSH_WIRE } from './fuzz-wire.js';
import { file as tarFile, item, tar } from './tar-builder.js';

const AT = new Date('2026-06-01T12:00:00Z');
const HEX = 'a'.repeat(64);
const CLAIM = { digest: `sha256:${HEX}`, reference: 'docker.io/library/app:1' } as const;
const COSIGN_KEY = encodePem('ENCRYPTED COSIGN PRIVATE KEY', Buffer.from(`{"kdf":{"name":"scrypt","params":{"N":32768,"r":8,"p":1},"salt":"${'A'.repeat(43)}="},"cipher":{"name":"nacl/secretbox","nonce":"${'A'.repeat(32)}"},"ciphertext":"${'A'.repeat(200)}"}`), 64);
const TRUST_TAR = tar(item({ name: 'trust/', type: '5' }), tarFile('trust/trust.json', '{}'), tarFile('trust/roots/a.crt', 'x'.repeat(600)));
const TRUST_ARCHIVES = [TRUST_TAR, gzipSync(TRUST_TAR)];
const nobodyKnows = (): Promise<never> => Promise.reject(new ImgkitError('key-refused', 'nobody knows the passphrase'));
const passphrase = (): Promise<string> => Promise.resolve('pw');

/** What a receiver reads before it believes: keys, certificates, signatures, statements, policies. */
export function trustTargets(seeds: Seeds): readonly FuzzTarget[] {
  const file = (bytes: Uint8Array): { name: string; bytes: Uint8Array } => ({ name: 'the file', bytes });
  const vectors = Object.values(SSH_VECTORS);
  const lines = vectors.map(({ publicLine }) => publicLine);
  const signers = Buffer.from(lines.map((line) => `a@x,*@y namespaces="imgkit-archive",valid-after="20200101" ${line}\n`).join(''));
  const trust = {
    ...emptyTrust(AT), roots: [file(seeds('root.crt'))], crls: [file(seeds('root.crl'))], allowedSigners: [file(signers)], revokedKeys: [file(seeds('krl'))],
    minisign: [file(seeds('m.pub'))], cosign: [file(seeds('cosign.pub'))],
  };
  const privateKeys = [...vectors.map(({ privateKey }) => Buffer.from(privateKey)), seeds('locked')];
  const certificates = (['root.crt', 'sub.crt', 'signer.crt', 'rsa.crt'] as const).map(seeds);
  return [
    { name: 'certificates', seeds: certificates, changes: [...DER, ...BYTES], run: (bytes) => readCertificates(file(bytes)) },
    { name: 'crl', seeds: [seeds('root.crl')], changes: [...DER, ...BYTES], run: (bytes) => readCertificateLists(file(bytes)) },
    { name: 'cms', seeds: [seeds('doc.p7s')], changes: [...DER, ...BYTES], run: (bytes) => verifyCms(SSH_DOCUMENT, bytes, trust, 'the file') },
    { name: 'sshsig', seeds: vectors.map(({ signature }) => Buffer.from(signature)), changes: [...armored(SSH_WIRE), ...armored(BYTES), ...TEXT], run: (bytes) => verifySsh(SSH_DOCUMENT, bytes, trust, 'the file') },
    { name: 'openssh-key', seeds: privateKeys, changes: [...armored(SSH_WIRE), ...armored(BYTES), ...TEXT], run: (bytes) => readOpensshPrivateKey(bytes.toString('latin1'), 'the file', () => Promise.resolve(undefined)) },
    { name: 'ssh-line', seeds: lines.map((line) => Buffer.from(line)), changes: [...armored(SSH_WIRE), ...TEXT], run: (bytes) => parseSshPublicLine(bytes.toString('utf8'), 'the line') },
    { name: 'allowed-signers', seeds: [signers], changes: [...TEXT, ...armored(SSH_WIRE), ...BYTES], run: (bytes) => parseAllowedSigners(file(bytes)) },
    { name: 'krl', seeds: [seeds('krl')], changes: [...SSH_WIRE, ...BYTES], run: (bytes) => krlRevokes(file(bytes), Buffer.alloc(51)) },
    { name: 'minisign', seeds: [seeds('doc.minisig')], changes: [...armored(BYTES), ...TEXT, ...BYTES], run: (bytes) => verifyMinisign(SSH_DOCUMENT, bytes, trust, 'the file') },
    { name: 'minisign-public', seeds: [seeds('m.pub')], changes: [...armored(BYTES), ...TEXT], run: (bytes) => parseMinisignPublicKey(file(bytes)) },
    { name: 'minisign-secret', seeds: [seeds('m.key')], changes: [...armored(BYTES), ...TEXT], run: (bytes) => readMinisignSecretKey(bytes, 'the file', () => Promise.resolve(undefined)) },
    { name: 'cosign', seeds: [seeds('doc.sigstore.json')], changes: [...JSON_CHANGES, ...TEXT, ...armored(DER)], run: (bytes) => verifyCosignBlob(SSH_DOCUMENT, bytes, trust, 'the file') },
    { name: 'cosign-public', seeds: [seeds('cosign.pub')], changes: [...armored(DER, 64), ...armored(BYTES, 64), ...TEXT], run: (bytes) => parseCosignPublicKey(file(bytes)) },
    { name: 'cosign-private', seeds: [Buffer.from(COSIGN_KEY)], changes: [...armored(JSON_CHANGES, 64), ...armored(BYTES, 64), ...TEXT], run: (bytes) => readCosignPrivateKey(bytes.toString('utf8'), 'the file', nobodyKnows) },
    { name: 'pkcs12', share: 0.2, seeds: [seeds('signer.p12')], changes: [...DER, ...BYTES], run: (bytes) => (fewIterations(bytes) ? readPkcs12(file(bytes), 'pw') : undefined) },
    { name: 'pkcs8', seeds: [seeds('rsa.key'), seeds('ec.key'), Buffer.from(encodePem('PRIVATE KEY', seeds('ec.key'), 64))], changes: [...DER, ...BYTES, ...armored(DER, 64)], run: (bytes) => readPkcs8(file(bytes)) },
    { name: 'pem', seeds: [Buffer.from(encodePem('CERTIFICATE', seeds('root.crt'), 64)), Buffer.from(`# c\n${encodePem('X', seeds('krl'), 64)}${encodePem('CERTIFICATE', seeds('sub.crt'), 64)}`)], changes: [...TEXT, ...BYTES, ...armored(DER, 64)], run: (bytes) => [decodePem(bytes.toString('latin1')), readCertificates(file(bytes))] },
    { name: 'image-bundle', seeds: [Buffer.from(encodeImageBundle(encodeInToto(CLAIM), Buffer.alloc(70, 1), 'hint'))], changes: [...JSON_CHANGES, ...TEXT, ...BYTES], run: (bytes) => decodeImageBundle(bytes, 'the file') },
    { name: 'in-toto', seeds: [Buffer.from(encodeInToto(CLAIM))], changes: [...JSON_CHANGES, ...TEXT], run: (bytes) => parseInToto(bytes, 'the file') },
    { name: 'simple-signing', seeds: [Buffer.from(encodeSimpleSigning(CLAIM))], changes: [...JSON_CHANGES, ...TEXT], run: (bytes) => parseSimpleSigning(bytes, 'the file') },
    { name: 'atomic-signing', seeds: [Buffer.from(encodeAtomicSigning(CLAIM, AT))], changes: [...JSON_CHANGES, ...TEXT, ...BYTES], run: (bytes) => parseAtomicSigning(bytes, 'the file') },
    { name: 'trust-archive', seeds: TRUST_ARCHIVES, changes: [tarChange, tarChange, ...BYTES], run: async (bytes) => readTrustArchive(await fuzzFile('trust.tar', bytes)) },
    { name: 'trust-file', seeds: [...certificates, signers, seeds('m.pub'), seeds('root.crl'), seeds('krl'), seeds('cosign.pub')], changes: [...BYTES, ...DER, ...TEXT], run: (bytes) => recogniseTrustFile(file(bytes), { identity: 'a@x' }) },
    { name: 'gpg-message', seeds: [seeds('gpg.sig'), seeds('gpg-zip.sig')], changes: BYTES, run: async (bytes) => verifyGpgImageSignature(file(bytes), CLAIM.digest, emptyTrust(AT), await readGpgKeys(file(seeds('gpg.asc')))) },
    { name: 'gpg-key', seeds: [seeds('gpg.asc'), seeds('gpg.gpg')], changes: [...BYTES, ...armored(BYTES, 64), ...TEXT], run: (bytes) => readGpgKeys(file(bytes)) },
    { name: 'statement', seeds: [Buffer.from(`# size 12 app.tar\n${HEX}  app.tar\n${'b'.repeat(64)} *other.tar\n\\${HEX}  a\\\\b\n`)], changes: [...TEXT, ...BYTES], run: (bytes) => parseStatement(bytes, 'the file') },
    textTarget('policy', ['{"version":1,"default":"reject","repositories":{"docker.io/library/*":{"signedBy":["a","b"],"threshold":2,"formats":["ssh","cms"],"maxAgeDays":30},"ghcr.io/x/y":"accept"}}'], [...JSON_CHANGES, ...TEXT], (text) => parsePolicy(Buffer.from(text), 'the file')),
    textTarget('trust-manifest', [`{"version":3,"created":"2026-01-01T00:00:00.000Z","revocation":"required","files":{"roots/a.crt":"sha256:${HEX}","owners/allowed_signers":"sha256:${HEX}"}}`], [...JSON_CHANGES, ...TEXT], (text) => parseTrustManifest(Buffer.from(text), 'the file')),
    { name: 'openssh-key-locked', share: 0.2, seeds: [seeds('locked')], changes: armored([...SSH_WIRE, ...BYTES]), run: (bytes) => readOpensshPrivateKey(bytes.toString('latin1'), 'the file', fewRounds(bytes) ? passphrase : () => Promise.resolve(undefined)) },
  ];
}

/** bcrypt's work is as long as the file asks for, by design: such cases ask for no passphrase. */
function fewRounds(bytes: Buffer): boolean {
  const blob = Buffer.from(bytes.toString('latin1').replaceAll(/-----.*-----|\s/g, ''), 'base64');
  const at = blob.indexOf('bcrypt') + 6 + 4;
  return at > 10 && at + 24 <= blob.length && blob.readUInt32BE(at) === 16 && blob.readUInt32BE(at + 20) <= 4;
}

/** The same with PKCS#12: all three counts are still the seed's 1000. */
function fewIterations(bytes: Buffer): boolean {
  return bytes.toString('latin1').split('\x02\x02\x03\xe8').length === 4;
}
