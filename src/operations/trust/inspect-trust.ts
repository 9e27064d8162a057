import { parseCosignPublicKey } from '../../crypto/keys/cosign-public-key.js';
import { parseMinisignPublicKey } from '../../crypto/keys/minisign-public-key.js';
import { readKeyFacts } from '../../crypto/openpgp/key-facts.js';
import { sshFingerprint } from '../../crypto/keys/ssh-public-key.js';
import { parseSshPublicLine } from '../../crypto/keys/ssh-public-line.js';
import { parseAllowedSigners, textLines } from '../../crypto/sign/allowed-signers.js';
import { keyFileIdentity } from '../../crypto/sign/key-file-identity.js';
import { isKrl } from '../../crypto/sign/ssh-krl.js';
import { MANIFEST, placeOf, isManifestFile, type TrustPlace } from '../../crypto/trust/trust-layout.js';
import type { TrustFiles } from '../../crypto/trust/trust-manifest.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import type { Certificate } from '../../crypto/x509/certificate.js';
import { weaknessOf } from '../../crypto/x509/key-strength.js';
import { readCertificates } from '../../crypto/x509/read-certificates.js';
import { isRefused } from '../../crypto/x509/signature-algorithm.js';
import { ImgkitError } from '../../errors.js';
import { parsePolicy } from '../../policy/parse-policy.js';
import { inspectCrls } from './inspect-crls.js';

/** One thing that a trust holds: a certificate, a CRL, a key, a policy. */
export interface TrustEntry {
  /** Of its file, from the folder on. */
  readonly path: string;
  readonly kind: TrustPlace['kind'];
  /** True for what says who may change the trust. */
  readonly owner: boolean;
  /** Subject, principals, name of a key file without its ending. */
  readonly name: string;
  /** How the tools of its kind print it. */
  readonly fingerprint?: string | undefined;
  readonly expires?: Date | undefined;
}

/** Something about a trust that its owner should know. */
export interface TrustFinding {
  /** `failed`: signatures that need it will be refused. `note`: soon, or worth a look. */
  readonly status: 'failed' | 'note';
  readonly path: string;
  readonly message: string;
}

export interface TrustInspection {
  readonly entries: readonly TrustEntry[];
  readonly findings: readonly TrustFinding[];
}

const SOON_MS = 30 * 86_400_000;
const CA_KINDS: ReadonlySet<string> = new Set(['root', 'intermediate']);

/** Reads all that the files hold; what cannot be read, is expired, soon will be, is stale or weak becomes a finding. */
export function inspectTrust(files: TrustFiles, at: Date): TrustInspection {
  const entries: TrustEntry[] = [];
  const findings: TrustFinding[] = [];
  const authorities: Certificate[] = [];
  const lists: (TrustFile & TrustPlace)[] = [];
  for (const [path, bytes] of files) {
    const place = placeOf(path);
    if (place === undefined) {
      if (!isManifestFile(path)) findings.push({ status: 'note', path, message: 'belongs to no trust folder and is not used' });
      continue;
    }
    const file = { name: path, bytes };
    try {
      if (CA_KINDS.has(place.kind)) authorities.push(...readCertificates(file));
      if (place.kind === 'crl') lists.push({ ...file, ...place });
      for (const { entry, problems } of read(file, place, at)) {
        entries.push({ path, ...place, ...entry });
        findings.push(...problems.map((problem) => ({ path, ...problem })), ...lifetime(path, entry, at));
      }
    } catch (error) {
      if (!(error instanceof ImgkitError)) throw error;
      entries.push({ path, ...place, name: 'cannot be read' });
      findings.push({ status: 'failed', path, message: error.message });
    }
  }
  inspectCrls(lists, authorities, at, entries, findings);
  if (files.has(MANIFEST)) return { entries, findings };
  return { entries, findings: [...findings, { status: 'note', path: MANIFEST, message: 'is not there, so nothing says which files belong to the trust' }] };
}

interface Read {
  readonly entry: Pick<TrustEntry, 'name' | 'fingerprint' | 'expires'>;
  readonly problems: readonly Omit<TrustFinding, 'path'>[];
}

function read(file: TrustFile, { kind }: TrustPlace, at: Date): readonly Read[] {
  switch (kind) {
    case 'root':
    case 'intermediate':
      return readCertificates(file).map((certificate) => ({
        entry: { name: certificate.subject.text, fingerprint: `sha256:${certificate.fingerprint}`, expires: certificate.notAfter },
        problems: certificateProblems(certificate, kind, at),
      }));
    case 'allowed-signers':
      return parseAllowedSigners(file).map(({ principals, key: { key, type }, validBefore }) => ({
        entry: { name: principals, fingerprint: key?.fingerprint, expires: validBefore },
        problems: weak(key === undefined ? `the key of ${principals} (${type}) signs nothing here` : key.weakness),
      }));
    case 'minisign':
      return [{ entry: { name: ownerByFile(file.name), fingerprint: parseMinisignPublicKey(file).keyId }, problems: [] }];
    case 'cosign': {
      const { keyId, weakness } = parseCosignPublicKey(file);
      return [{ entry: { name: ownerByFile(file.name), fingerprint: keyId }, problems: weak(weakness) }];
    }
    case 'gpg':
      return readKeyFacts(file).map(({ fingerprint, userId, weakness }) => ({
        entry: { name: `${ownerByFile(file.name)}${userId === undefined ? '' : ` (${userId})`}`, fingerprint },
        problems: weak(weakness),
      }));
    case 'policy': {
      const { rules } = parsePolicy(file.bytes, file.name);
      return [{ entry: { name: `${rules.length} rules` }, problems: [] }];
    }
    case 'revoked':
      return isKrl(file.bytes) ? [{ entry: { name: 'KRL' }, problems: [] }] : lines(file).map((line) => {
        const { blob, comment } = parseSshPublicLine(line, file.name);
        return { entry: { name: comment === '' ? 'SSH key' : comment, fingerprint: sshFingerprint(blob) }, problems: [] };
      });
    case 'age-recipients':
      return lines(file).map((line) => ({ entry: { name: 'age', fingerprint: line }, problems: [] }));
    case 'crl':
      return []; // Asked for their CAs, once those are all there.
  }
}

function lines(file: TrustFile): readonly string[] {
  return textLines(file).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function certificateProblems({ extensions, publicKey, algorithm, notBefore }: Certificate, kind: 'root' | 'intermediate', at: Date): readonly Omit<TrustFinding, 'path'>[] {
  const problems = [...weak(weaknessOf(publicKey))];
  if (!extensions.ca) problems.push({ status: 'note', message: 'is no CA certificate: it is believed for itself alone' });
  if (kind === 'intermediate' && isRefused(algorithm)) problems.push({ status: 'failed', message: `is signed with ${algorithm.refused}` });
  if (extensions.notUnderstood.length > 0) problems.push({ status: 'failed', message: `has extensions that must be understood and are not (${extensions.notUnderstood.join(', ')})` });
  if (at < notBefore) problems.push({ status: 'failed', message: `is not valid before ${notBefore.toISOString().slice(0, 10)}` });
  return problems;
}

function weak(weakness: string | undefined): Omit<TrustFinding, 'path'>[] {
  return weakness === undefined ? [] : [{ status: 'failed', message: `is too weak: ${weakness}` }];
}

/** As its signatures are told, and as a policy names it. */
function ownerByFile(path: string): string {
  return keyFileIdentity(path, undefined) ?? path;
}

function lifetime(path: string, { name, expires }: Read['entry'], at: Date): readonly TrustFinding[] {
  if (expires === undefined || expires.getTime() > at.getTime() + SOON_MS) return [];
  const day = expires.toISOString().slice(0, 10);
  return [expires < at ? { status: 'failed', path, message: `${name} expired on ${day}` } : { status: 'note', path, message: `${name} expires on ${day}` }];
}
