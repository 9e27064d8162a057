import { counted } from '../content/counted.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { digestAlgorithm, type Digest } from '../content/digest.js';
import { isImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { walkClosure } from '../image/closure.js';
import { shownLocation } from '../image/location-url.js';
import { findingFor } from '../operations/verify-finding.js';
import { verifySource } from '../operations/verify-source.js';
import { checkSignatures, isRefused, notAsSigned, refusal } from './check-signatures.js';
import { expectedDigest } from './expected-digest.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { reportedImages } from './reported-images.js';
import type { VerifyReport } from './results.js';
import { Session } from './session.js';
import { fileDigest, filePath } from './file-digest.js';
import { HashedInput, hashedInput } from './hashed-input.js';
import { remoteDigest } from './remote-digest.js';
import { PinnedFile } from './pinned-file.js';
import type { SignatureCheck, SignatureFindings } from './signature-findings.js';

export interface VerifyOptions extends CommonOptions {
  readonly target: string;
  readonly expect?: string | undefined;
  readonly signed?: SignatureCheck | undefined;
  /** With `signed`: look at nothing else. For files of any kind, and for what is encrypted for somebody else. Default false. */
  readonly signatureOnly?: boolean | undefined;
}

/**
 * Checks everything that `target` holds and collects every finding; `ok` is false when any failed. With `expect`, one of
 * the file's, a manifest's or a config's digest must be that one, and the report says which. With `signed`, the target must be
 * a file that somebody trusted signed, or every image in it must be signed, and the policy of a trust folder must allow it: that
 * is checked first, and of what fails it nothing else is told. (A local file of 8 MiB and more, whose size is that which was signed,
 * is hashed while it is looked into, and found out afterwards.) With `signatureOnly` that is all, and what is in a signed file, or whether the
 * policy allows that, is not looked at. Broken input never throws; a target or trust that cannot be read at all does, and `expect` that is no digest, or `signatureOnly` with it or without `signed` (`usage`).
 */
export function verify(options: VerifyOptions): Promise<VerifyReport> {
  return Session.call(options, { target: TEXT }, async (session) => {
    const { target } = options;
    const alone = options.signatureOnly === true ? await import('./signature-report.js') : undefined;
    alone?.requireSignatureOnly(options);
    const shown = shownLocation(target);
    await session.expectWhole(readLocation(target));
    const expected = options.expect === undefined ? undefined : expectedDigest(options.expect);
    const pinned = options.signed === undefined && expected === undefined ? undefined : await PinnedFile.open(session, readLocation(target));
    const signed = options.signed === undefined ? undefined : await checkSignatures(session, target, options.signed, pinned);
    if (signed !== undefined && isRefused(signed)) return refusal(shown, signed);
    if (alone !== undefined && signed !== undefined) return alone.signatureReport(session, options, { shown, pinned, signed });
    const [looked, proven] = await Promise.allSettled([lookInside(session, options, { shown, expected, pinned, signed }), signed?.whole]);
    const whole = fulfilled(proven);
    // Not a word of what is in it, unless it is what was signed.
    if (whole !== undefined && isRefused(whole)) return refusal(shown, whole);
    const report = fulfilled(looked);
    // Each reads at its own pace: what one read before somebody wrote to the file, the other may have read after.
    if (signed !== undefined) await pinned?.unchanged();
    return whole === undefined ? report : { ...report, findings: [...whole.findings, ...report.findings.slice(signed?.findings.length)] };
  });
}

interface Known {
  readonly shown: string;
  readonly expected: Digest | undefined;
  readonly pinned: PinnedFile | undefined;
  readonly signed: SignatureFindings | undefined;
}

async function lookInside(session: Session, options: VerifyOptions, known: Known): Promise<VerifyReport> {
  const { target, signal, onProgress } = options;
  const { shown, expected, pinned } = known;
  let { signed } = known;
  const findings: Finding[] = [...(signed?.findings ?? [])];
  let input = expected && hashedInput(readLocation(target), options, digestAlgorithm(expected));
  // Asked twice, a host could give one file for its digest and another for what is in it.
  const proveChunks = expected && ((chunks: AsyncIterable<Uint8Array>) => (input ??= new HashedInput(chunks, { algorithm: digestAlgorithm(expected), signal })).read());
  let opened: { source: ImageSource; roots: readonly Root[] } | undefined;
  try {
    opened = await session.open(target, { referrers: signed !== undefined, stdin: input?.read(), prove: pinned?.prove(signed?.whole && orRefused(signed.whole)), proveChunks: through(signed?.proveChunks, readLocation(target).kind === 'url' ? proveChunks : undefined) });
    if (signed?.proven !== undefined) {
      signed = signed.proven();
      findings.splice(0, findings.length, ...signed.findings);
    }
    // Those of images are found again with the images.
    const ofFile = signed?.ofImages === undefined ? (signed?.signatures ?? []) : [];
    if (signed?.ofImages !== undefined) {
      signed = await signed.ofImages(opened.source, opened.roots);
      // What was found of the file is among them.
      findings.splice(0, findings.length, ...signed.findings);
      if (isRefused(signed)) return refusal(shown, signed, opened.source.format);
    }
    const ruled = options.signed?.trust === undefined ? undefined : await (await import('./policy-finding.js')).policyFinding(session, opened.source, opened.roots, options.signed, ofFile);
    if (ruled !== undefined) return { location: shown, format: opened.source.format, ok: false, findings: [...findings, ruled], images: [], refused: true };
    findings.push({ check: 'archive-structure', status: 'ok', subject: shown, message: `${opened.source.format}, ${counted(opened.roots.length, 'image or artifact', 'images or artifacts')}` });
    findings.push(...(await verifySource(opened.source, opened.roots, { pool: await session.pool(), limits: session.limits, signal, onProgress })));
  } catch (error) {
    if (signed?.proveChunks !== undefined && isImgkitError(error, 'signature-invalid')) return { location: shown, ok: false, findings: [...findings, notAsSigned(error, shown)], images: [], refused: true };
    findings.push(findingFor(error, 'archive-structure', shown));
  }
  const matched = expected && (await match(session, target, opened, expected, input, pinned));
  if (expected !== undefined) findings.push(expectation(expected, matched, shown));
  const roots = opened?.roots ?? [];
  return {
    location: shown,
    format: opened?.source.format,
    ok: findings.every(({ status }) => status !== 'failed'),
    findings,
    images: reportedImages(roots),
    matched,
    signatures: signed?.signatures,
  };
}

function fulfilled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** For who only waits: rejects where the file is not what was signed. Who does not wait hears nothing. */
function orRefused(whole: Promise<SignatureFindings>): Promise<void> {
  const proven = whole.then((found) => {
    if (found.error !== undefined) throw found.error;
  });
  proven.catch(() => undefined);
  return proven;
}

type ProveChunks = SignatureFindings['proveChunks'];

/** One check after the other, of the bytes as they come. */
function through(first: ProveChunks, second: ProveChunks): ProveChunks {
  if (first === undefined || second === undefined) return first ?? second;
  return (chunks) => second(first(chunks));
}

function expectation(expected: Digest, matched: VerifyReport['matched'], subject: string): Finding {
  const check = 'expected-digest';
  if (matched !== undefined) return { check, status: 'ok', subject, message: `${expected} is the digest of the ${matched}` };
  return { check, status: 'failed', subject, message: 'neither the file nor a manifest nor a config in it has the expected digest', expected };
}

async function match(session: Session, target: string, opened: { source: ImageSource; roots: readonly Root[] } | undefined, expected: Digest, input: HashedInput | undefined, pinned: PinnedFile | undefined): Promise<VerifyReport['matched']> {
  for (const { descriptor } of opened?.roots ?? []) {
    if (descriptor.digest === expected) return 'manifest';
    const closure = await walkClosure((opened as { source: ImageSource }).source.blobs, descriptor, session.limits, target).catch(() => undefined);
    if (closure?.documents.has(expected) === true) return 'manifest';
    if (closure?.images.some(({ manifest }) => manifest.config.digest === expected) === true) return 'config';
  }
  if (input !== undefined) return (await input.digest()) === expected ? 'file' : undefined;
  const path = await filePath(readLocation(target));
  const algorithm = digestAlgorithm(expected);
  const found = path === undefined ? await remoteDigest(session, readLocation(target), algorithm) : await fileDigest(session, path, algorithm, pinned);
  return found === expected ? 'file' : undefined;
}
