import { readLocation } from '../../formats/locations/open-source.js';
import { standardOutput } from '../../formats/locations/standard-output.js';
import type { Digest } from '../content/digest.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { writeAtomic } from '../content/write-atomic.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import { shownLocation } from '../image/location-url.js';
import { REPORT_LIMITS } from '../limits.js';
import { collectReport } from '../operations/report/collect-report.js';
import { renderPage } from '../report/render-page.js';
import type { OpenedImage } from './open-image.js';
import { openLayeredImage } from './open-layers.js';
import { COUNT, PATH, TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { requireFileName } from './output-location.js';
import { refuseOwnImage } from './refuse-own-image.js';
import { PinnedFile } from './pinned-file.js';
import { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';
import type { SignatureFindings } from './signature-inquiry.js';

export interface ReportOptions extends CommonOptions {
  readonly location: string;
  /** The page to write; `-` is standard output. An existing file is replaced. */
  readonly output: string;
  /** An older image: the page also shows what changed since. */
  readonly compare?: string | undefined;
  readonly platform?: string | undefined;
  /** Whom to believe; somebody of them must then have signed the file, or else the image in it. Default: no signature is checked, and the page says so. */
  readonly signed?: SignatureCheck | undefined;
  /** Files that the page names one by one, the largest first; the others are added up per folder. Default and most: 20,000. */
  readonly files?: number | undefined;
  /** Stream for `-` as output. Default: `process.stdout`. */
  readonly stdout?: NodeJS.WritableStream | undefined;
}

export interface ReportResult {
  readonly location: string;
  /** Of the image's manifest. */
  readonly digest: Digest;
  readonly output: string;
  /** Bytes of the page. */
  readonly bytes: number;
  /** Whether nothing failed that was checked. */
  readonly ok: boolean;
  /** As on the page. */
  readonly findings: readonly Finding[];
}

/**
 * Writes one HTML page about an image: layers and commands, what fills it, wasted bytes, configuration, checks, and what changed since
 * another image. The page loads nothing and is the same for the same input. Every layer is proven on the way; what is broken is told on
 * the page, and `ok` is false. With `signed`, an image that nobody trusted signed is not looked into: throws `signature-missing`,
 * `signature-invalid`, `signature-untrusted` or what else is wrong with the signature, and writes nothing.
 */
export function report(options: ReportOptions): Promise<ReportResult> {
  return Session.call(options, { location: TEXT, output: PATH, 'files?': COUNT }, async (session) => {
    const { location, output, compare, platform, signal, onProgress, files } = options;
    if (files !== undefined && (!Number.isInteger(files) || files < 1 || files > REPORT_LIMITS.files)) throw new ImgkitError('usage', `A report names 1 to ${REPORT_LIMITS.files} files one by one, not ${files}.`);
    requireFileName(output);
    for (const input of [location, compare]) if (input !== undefined) await refuseOwnImage(input, output);
    const pinned = options.signed && (await PinnedFile.open(session, readLocation(location)));
    const ofFile = options.signed && (await fileSignature(session, options.signed, pinned));
    const image = await openLayeredImage(session, location, platform, { referrers: options.signed !== undefined, prove: pinned?.prove() });
    const signed = ofFile ?? (options.signed && (await imageSignature(session, image, options.signed)));
    const old = compare === undefined ? undefined : { location: shownLocation(compare), image: await openLayeredImage(session, compare, platform) };
    const facts = await collectReport(image, { location: shownLocation(location), limits: session.limits, signal, onProgress, files, compare: old, signed });
    await pinned?.unchanged();
    let bytes = 0;
    const page = async function* (): AsyncGenerator<Uint8Array> {
      for (const piece of renderPage(facts)) {
        throwIfInterrupted(signal, `writing ${output}`);
        const chunk = Buffer.from(piece);
        bytes += chunk.length;
        yield chunk;
      }
    };
    if (output === '-') await standardOutput(page(), options.stdout ?? process.stdout, signal);
    else await writeAtomic(output, page(), signal);
    const { findings } = facts;
    return { location: facts.location, digest: image.root.descriptor.digest, output, bytes, ok: findings.every(({ status }) => status !== 'failed'), findings };
  });
}

/** What was signed about the file as a whole; undefined when there is no signature beside it, or no file. Throws what is wrong with one that is there. */
async function fileSignature(session: Session, check: SignatureCheck, pinned: PinnedFile | undefined): Promise<SignatureFindings | undefined> {
  if (pinned === undefined) return undefined;
  const { signatureFindings } = await import('./signature-findings.js');
  const begun = await signatureFindings(session, pinned, check);
  const found = (await begun.whole) ?? begun;
  if (isImgkitError(found.error, 'signature-missing')) return undefined;
  if (found.error !== undefined) throw found.error;
  return found;
}

/** What was signed about the image itself. Throws when nobody trusted signed it. */
async function imageSignature(session: Session, { source, root }: OpenedImage, check: SignatureCheck): Promise<SignatureFindings> {
  const { imageSignatureFindings } = await import('./image-signature-findings.js');
  const found = await imageSignatureFindings(session, source, [root], check);
  if (found.error !== undefined) throw found.error;
  return found;
}
