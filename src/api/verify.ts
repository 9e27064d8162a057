import { readLocation, type OpenedSource } from '../../formats/locations/open-source.js';
import { counted } from '../content/counted.js';
import type { Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';
import type { Location } from '../image/location.js';
import { shownLocation } from '../image/location-url.js';
import { findingFor } from '../operations/verify-finding.js';
import { verifySource } from '../operations/verify-source.js';
import { checkSignatures } from './check-signatures.js';
import { Expectation } from './expectation.js';
import { expectedDigest } from './expected-digest.js';
import { judgeOpened } from './judge-opened.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { PinnedFile } from './pinned-file.js';
import { refusal, reportedImages } from './reported-images.js';
import type { VerifyReport } from './results.js';
import { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';
import { notAsSigned, type Judgement, type SignatureFindings, type SignatureInquiry, type StreamInquiry } from './signature-inquiry.js';

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
    const { target, expect, signed } = options;
    const alone = options.signatureOnly === true ? await import('./signature-report.js') : undefined;
    alone?.requireSignatureOnly(options);
    const location = readLocation(target);
    const shown = shownLocation(target);
    await session.expectWhole(location);
    const expectation = expect === undefined ? undefined : new Expectation(session, location, expectedDigest(expect));
    const pinned = signed === undefined && expectation === undefined ? undefined : await PinnedFile.open(session, location);
    const inquiry = signed && (await checkSignatures(session, location, signed, pinned));
    const atOnce = inquiry && refusal(shown, { found: inquiry });
    if (atOnce !== undefined) return atOnce;
    if (alone !== undefined && inquiry !== undefined) return alone.signatureReport(session, options, { shown, pinned, inquiry });
    const [looked, proven] = await Promise.allSettled([lookInside(session, options, { location, shown, expectation, pinned, inquiry }), inquiry?.of === 'file' ? inquiry.whole : undefined]);
    const whole = fulfilled(proven);
    // Not a word of what is in it, unless it is what was signed.
    const otherFile = whole && refusal(shown, { found: whole });
    if (otherFile !== undefined) return otherFile;
    const { format, judged, findings: inside, roots, matched } = fulfilled(looked);
    // Each reads at its own pace: what one read before somebody wrote to the file, the other may have read after.
    if (inquiry !== undefined) await pinned?.unchanged();
    const found = whole ?? judged?.found;
    const refused = found && refusal(shown, { found, ruled: judged?.ruled }, format);
    if (refused !== undefined) return refused;
    const findings = [...(found?.findings ?? []), ...inside];
    return { location: shown, format, ok: findings.every(({ status }) => status !== 'failed'), findings, images: reportedImages(roots), matched, signatures: found?.signatures };
  });
}

interface Known {
  readonly location: Location;
  readonly shown: string;
  readonly expectation: Expectation | undefined;
  readonly pinned: PinnedFile | undefined;
  readonly inquiry: SignatureInquiry | undefined;
}

/** What is in the target. */
interface Inside {
  readonly format?: ImageSource['format'] | undefined;
  /** Where that refuses it, the rest was not looked at. */
  readonly judged?: Judgement | undefined;
  readonly findings: readonly Finding[];
  readonly roots: readonly Root[];
  readonly matched?: VerifyReport['matched'];
}

async function lookInside(session: Session, { signed, signal, onProgress }: VerifyOptions, { location, shown, expectation, pinned, inquiry }: Known): Promise<Inside> {
  const findings: Finding[] = [];
  let judged: Judgement | undefined = inquiry && { found: inquiry };
  let opened: OpenedSource | undefined;
  try {
    const whole = inquiry?.of === 'file' ? inquiry.whole : undefined;
    const signedChunks = inquiry?.of === 'stream' ? inquiry.proveChunks : undefined;
    opened = await session.open(location, {
      referrers: signed !== undefined,
      stdin: expectation?.stdin,
      prove: pinned?.prove(whole && orRefused(whole)),
      proveChunks: through(signedChunks, expectation?.proveChunks),
    });
    const { source, roots } = opened;
    judged = signed && inquiry && (await judgeOpened(session, signed, inquiry, source, roots));
    if (judged !== undefined && refusal(shown, judged) !== undefined) return { format: source.format, judged, findings, roots };
    findings.push({ check: 'archive-structure', status: 'ok', subject: shown, message: `${source.format}, ${counted(roots.length, 'image or artifact', 'images or artifacts')}` });
    findings.push(...(await verifySource(source, roots, { pool: await session.pool(), limits: session.limits, signal, onProgress })));
  } catch (error) {
    const found = notAsSigned(inquiry, error, shown);
    if (found !== undefined) return { judged: { found }, findings, roots: [] };
    findings.push(findingFor(error, 'archive-structure', shown));
  }
  const matched = await expectation?.match(opened, pinned);
  if (expectation !== undefined) findings.push(expectation.finding(matched, shown));
  return { format: opened?.source.format, judged, findings, roots: opened?.roots ?? [], matched };
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

type ProveChunks = StreamInquiry['proveChunks'];

/** One check after the other, of the bytes as they come. */
function through(first: ProveChunks, second: ProveChunks): ProveChunks {
  if (first === undefined || second === undefined) return first ?? second;
  return (chunks) => second(first(chunks));
}
