import { ImgkitError } from '../../errors.js';
import { DER_LIMITS } from '../../limits.js';
import type { Trust } from '../trust/trust.js';
import { describe, type Certificate } from './certificate.js';
import type { CertificateList } from './certificate-list.js';
import { checkCertificate, checkIssuerUsage, checkSignerUsage, untrusted } from './check-certificate.js';
import { checkRevocation } from './revocation.js';
import { isRefused, verifyWith } from './signature-algorithm.js';

/** What chains are made of. Only `roots` are believed; the others are only paper until a root vouches for them. */
export interface ChainMaterial {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly lists: readonly CertificateList[];
}

export interface Chain {
  /** From the signer to the root. */
  readonly certificates: readonly Certificate[];
  readonly notes: readonly string[];
}

/**
 * Finds a chain from `signer` to a root in which everything holds at `trust.at` (RFC 5280, 6): signatures, validity, CA flags,
 * path lengths, usages, key strengths, revocation. Several ways are tried, a bounded number of links in all.
 * Throws `signature-untrusted` with what was wrong on the way that came nearest to a root.
 */
export function buildChain(signer: Certificate, material: ChainMaterial, trust: Pick<Trust, 'at' | 'revocation'>): Chain {
  checkSignerUsage(signer);
  const search: Search = { material, trust, left: DER_LIMITS.chainLinks, nearest: undefined };
  const chain = extend([signer], search);
  if (chain !== undefined) return chain;
  throw search.nearest?.error ?? untrusted(signer, 'does not lead to a trusted root', material.roots.length === 0
    ? 'no root certificate is trusted: name one with --cert, or put it into the trust folder under roots'
    : 'if you know whose it is, add the root (and missing intermediates) of its CA to the trust folder');
}

interface Search {
  readonly material: ChainMaterial;
  readonly trust: Pick<Trust, 'at' | 'revocation'>;
  left: number;
  nearest: { readonly error: ImgkitError; readonly rank: number } | undefined;
}

function extend(path: readonly Certificate[], search: Search): Chain | undefined {
  const last = path.at(-1) as Certificate;
  if (search.material.roots.some((root) => same(root, last))) {
    const found = attempt(search, 1000 + path.length, () => checkChain(path, search));
    if (found !== undefined) return found;
  }
  if (path.length >= DER_LIMITS.chainLength) {
    attempt(search, path.length, () => { throw untrusted(path[0] as Certificate, `has a chain longer than ${DER_LIMITS.chainLength} certificates`, 'ask for a shorter one'); });
    return undefined;
  }
  for (const issuer of [...search.material.roots, ...search.material.intermediates]) {
    if (path.some((other) => same(other, issuer)) || !mayHaveIssued(issuer, last)) continue;
    if (search.left-- <= 0) return undefined;
    if (!isRefused(last.algorithm) && !verifyWith(last.algorithm, last.algorithm.hash ?? 'sha256', issuer.publicKey, last.signed, last.signature)) {
      attempt(search, path.length, () => { throw untrusted(last, `names ${describe(issuer)} as its issuer, but is not signed by it`, 'get both again from their CA'); });
      continue;
    }
    const found = extend([...path, issuer], search);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Everything that must hold in a chain whose links are there, from the root down. */
function checkChain(path: readonly Certificate[], { material, trust }: Search): Chain {
  const notes: string[] = [];
  for (let i = path.length - 1; i >= 0; i--) {
    const certificate = path[i] as Certificate;
    checkCertificate(certificate, trust.at, i === path.length - 1);
    // Certificates that issue for themselves do not count as CAs of the path (RFC 5280, 4.2.1.9).
    if (i > 0) checkIssuerUsage(certificate, path.slice(1, i).filter(({ subject, issuer }) => Buffer.compare(subject.raw, issuer.raw) !== 0).length);
    const issuer = path[i + 1];
    const note = issuer && checkRevocation(certificate, issuer, material.lists, trust);
    if (note !== undefined) notes.push(note);
  }
  return { certificates: path, notes };
}

/** Runs a step; remembers its error when it came nearer to a root than those before. */
function attempt(search: Search, rank: number, step: () => Chain): Chain | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ImgkitError)) throw error;
    if (rank > (search.nearest?.rank ?? 0)) search.nearest = { error, rank };
    return undefined;
  }
}

function mayHaveIssued(issuer: Certificate, certificate: Certificate): boolean {
  const [wanted, found] = [certificate.extensions.authorityKeyId, issuer.extensions.subjectKeyId];
  if (wanted !== undefined && found !== undefined && Buffer.compare(wanted, found) !== 0) return false;
  return Buffer.compare(issuer.subject.raw, certificate.issuer.raw) === 0;
}

function same(a: Certificate, b: Certificate): boolean {
  return a.fingerprint === b.fingerprint;
}
