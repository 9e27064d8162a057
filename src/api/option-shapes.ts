import type { DecryptionOptions } from '../crypto/encrypt/age/read-identities.js';
import type { EncryptionOptions } from '../crypto/encrypt/age/read-recipients.js';
import type { PassphraseOptions } from '../crypto/keys/passphrase.js';
import { DEFAULT_LIMITS } from '../limits.js';
import type { NetworkOptions } from '../network/network-options.js';
import type { TrustOptions } from '../operations/trust/read-trust.js';
import type { AdmissionOptions, SignatureCheck } from './signature-check.js';
import { COUNT, DATE, either, FLAG, INPUT, LEVEL, LISTENER, listOf, MAP, object, oneOf, OUTPUT, PATH, SIGNAL, TEXT, TEXTS, type Kind, type Shape, type ShapeOf } from './option-kinds.js';
import type { KeygenOptions } from './keygen.js';
import type { SigningOptions } from './options.js';

const passphrase = { 'passphraseFile?': PATH, 'passphrase?': either(TEXT, LISTENER) } satisfies ShapeOf<PassphraseOptions>;
const trusted = { 'trust?': PATH, 'keys?': TEXTS, 'certificates?': TEXTS, 'chain?': TEXTS, 'crls?': TEXTS, 'allowedSigners?': TEXTS, 'revokedKeys?': TEXTS, 'signedBy?': TEXT, 'at?': DATE } satisfies ShapeOf<TrustOptions>;
const signatures = { ...trusted, 'statement?': PATH, 'signatures?': TEXTS, 'lookaside?': TEXTS } satisfies ShapeOf<SignatureCheck>;
const network = {
  'ca?': PATH, 'clientCert?': PATH, 'clientKey?': PATH, 'hostKey?': TEXT, 'knownHosts?': PATH, 'sshKey?': PATH, 'keyPassphraseFile?': PATH, 'passwordFile?': PATH, 'askPassword?': LISTENER,
  'limitRate?': COUNT, 'connectTimeout?': COUNT, 'idleTimeout?': COUNT, 'totalTimeout?': COUNT, 'insecureRegistries?': TEXTS, 'mirrors?': TEXTS, 'trustedRealms?': TEXTS, 'concurrency?': COUNT, 'onWarning?': LISTENER,
} satisfies ShapeOf<NetworkOptions>;

/** Formats of signatures over files. */
export const SIGNATURE_FORMAT: Kind = oneOf('cms', 'ssh', 'minisign', 'cosign');
const signing = { 'certificate?': PATH, 'chain?': TEXTS, 'at?': DATE, ...passphrase } satisfies ShapeOf<Omit<SigningOptions, 'key' | 'format'>>;
const compression = oneOf('none', 'gzip', 'zstd');

/** Keys that open what is encrypted. */
export const DECRYPTION: Kind = object({ 'identities?': TEXTS, ...passphrase } satisfies ShapeOf<DecryptionOptions>);
/** Whom to believe about a file. */
export const TRUST: Kind = object(trusted);
/** Who made a key that signs others: a new CA has none. */
export const ISSUER: Kind = either(oneOf('new'), object({ certificate: PATH, key: PATH, 'passphraseFile?': PATH } satisfies ShapeOf<Exclude<KeygenOptions['ca'], string | undefined>>));

/** Options that some call takes or need not take, by the names that mean the same in all of them. */
export const OPTIONS = {
  // of every call
  'signal?': SIGNAL, 'onProgress?': LISTENER, 'limits?': object(Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [`${name}?`, COUNT]))),
  'storeFolder?': PATH, 'network?': object(network), 'decryption?': DECRYPTION, 'stdin?': INPUT, 'stdout?': OUTPUT,
  // what is written, and how
  'format?': oneOf('hybrid', 'oci', 'docker'), 'compress?': compression, 'compressLevel?': LEVEL, 'compressArchive?': compression,
  'platform?': TEXT, 'allPlatforms?': FLAG, 'force?': FLAG, 'dryRun?': FLAG, 'latest?': FLAG, 'encryption?': object({ 'recipients?': TEXTS, 'recipientsFiles?': TEXTS, ...passphrase } satisfies ShapeOf<EncryptionOptions>),
  'signing?': object({ key: PATH, 'format?': SIGNATURE_FORMAT, ...signing } satisfies ShapeOf<SigningOptions>), 'admission?': object({ ...signatures, 'acceptUnsigned?': FLAG } satisfies ShapeOf<AdmissionOptions>), 'into?': TEXT,
  // what is looked at
  'path?': TEXT, 'paths?': TEXTS, 'layer?': TEXT, 'wasted?': FLAG, 'new?': TEXT, 'parts?': listOf('layers', 'files', 'config', 'history'), 'contentOnly?': FLAG, 'mtime?': FLAG,
  'order?': oneOf('layers', 'path'), 'preserveOwner?': FLAG, 'xattrs?': FLAG, 'compare?': TEXT, 'signed?': object(signatures), 'expect?': TEXT, 'signatureOnly?': FLAG,
  // images that are made
  'changes?': TEXTS, 'message?': TEXT, 'created?': TEXT, 'author?': TEXT, 'owner?': TEXT, 'exclude?': TEXTS, 'env?': MAP, 'labels?': MAP, 'annotations?': MAP,
  'entrypoint?': TEXT, 'cmd?': TEXT, 'user?': TEXT, 'workdir?': TEXT,
  // keys, signatures, trust
  ...trusted, ...signing, 'statement?': PATH, 'signatures?': TEXTS, 'reference?': TEXT, 'name?': TEXT, 'comment?': TEXT, 'subject?': TEXT, 'days?': COUNT, 'emails?': TEXTS,
  'identity?': TEXT, 'asOwner?': FLAG, 'revoked?': FLAG, 'revocation?': oneOf('required', 'if-present'), 'owners?': TEXTS,
  'recipients?': TEXTS, 'recipientsFiles?': TEXTS, 'identities?': TEXTS, 'acceptUnauthenticated?': FLAG,
  // hosts
  'retries?': COUNT, 'retryDelay?': COUNT, 'acceptUnchecked?': FLAG, 'every?': COUNT, 'once?': FLAG, 'requireChecksum?': FLAG, 'requireSignature?': FLAG,
  'archiveTo?': PATH, 'quarantine?': PATH, 'stateFile?': PATH, 'exec?': TEXT, 'execTimeout?': COUNT, 'checkStatement?': LISTENER, 'onEvent?': LISTENER,
} satisfies Shape;
