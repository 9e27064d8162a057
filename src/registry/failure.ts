import { ImgkitError, type ErrorCode } from '../errors.js';
import type { HttpResponse } from '../network/http-client.js';
import { oneLine } from '../network/one-line.js';

const LONGEST_BODY = 64 * 1024;
/** In words, or as the numbers that ENOSPC and EDQUOT have on Linux, which is how docker-registry tells what it met on beginning an upload. */
const FULL = /no space left on device|disk quota exceeded|"Err":(?:28|122)\b/i;

/** What a registry said beside the status (OCI distribution spec, "Error Codes"). */
export interface Told {
  readonly codes: readonly string[];
  /** Its words, fit for a sentence; empty when it said nothing. */
  readonly text: string;
  /** Its disk is full, or its quota used up: most say so only in the details of some other error. */
  readonly full: boolean;
}

export interface FailureContext {
  /** The registry, as in a reference. */
  readonly registry: string;
  /** A phrase such as `reading docker.io/library/app:1.9`. */
  readonly doing: string;
  /** What a 404 means here. */
  readonly missing?: { readonly code: ErrorCode; readonly sentence: string } | undefined;
  readonly entry?: string | undefined;
  /** Said when the registry wants other credentials: what to do about it. */
  readonly loginHint?: string | undefined;
}

/** Reads the errors in a response's body, which ends it. Never throws. */
export async function readTold(response: HttpResponse): Promise<Told> {
  const text = await response.text(LONGEST_BODY).catch(() => '');
  try {
    const { errors, details, message } = JSON.parse(text) as { errors?: unknown; details?: unknown; message?: unknown };
    const list = (Array.isArray(errors) ? errors : []).slice(0, 3) as { code?: unknown; message?: unknown; detail?: unknown }[];
    const codes = list.flatMap(({ code }) => (typeof code === 'string' ? [oneLine(code)] : []));
    const words = list.map(({ code, message: said }) => [code, said].filter((part) => typeof part === 'string' && part !== '').join(': '));
    const full = FULL.test(JSON.stringify(list));
    const other = [details, message].find((part) => typeof part === 'string') as string | undefined;
    return { codes, text: oneLine(words.join('; ') || other || ''), full };
  } catch {
    // A proxy's page of HTML helps nobody.
    return { codes: [], text: /^\s*</.test(text) ? '' : oneLine(text), full: false };
  }
}

/** The error for an answer that is not what was asked for. Reads the rest of its body. */
export async function registryFailure(response: HttpResponse, context: FailureContext): Promise<ImgkitError> {
  const told = await readTold(response);
  const { registry, doing, missing, entry, loginHint } = context;
  const { status } = response;
  const said = told.text === '' ? '' : ` (it says: ${told.text})`;
  const details = { file: registry, entry, found: String(status) };
  const fail = (code: ErrorCode, remedy: string): ImgkitError => new ImgkitError(code, `${registry}: ${doing} failed with status ${status}${said}; ${remedy}.`, details);
  if (status === 404 && missing !== undefined) return new ImgkitError(missing.code, `${missing.sentence}${told.text === '' ? '' : ` (${registry} says: ${told.text})`}.`, details);
  if (status === 401) return fail('login-failed', loginHint ?? `log in with: imgkit login ${registry}`);
  if (status === 403 || told.codes.includes('DENIED')) return fail('remote-refused', loginHint ?? 'your login may not do this; ask for the right, or log in as somebody else');
  if (status === 413) return fail('remote-refused', 'the registry, or a proxy before it, takes no upload that large; raise its limit');
  if (status === 429) return fail('registry-failed', 'it limits how often it is asked; wait, or log in for a higher limit');
  if (status === 507 || told.full) return fail('remote-full', 'its disk is full; free some space there');
  if (status === 405 || status === 415 || told.codes.includes('UNSUPPORTED')) return fail('remote-refused', 'it does not support this; is it a registry that can only be read, or an old one?');
  if (status === 400 && told.text.includes('HTTP request to an HTTPS server')) return fail('registry-failed', 'it wants TLS; do not name it as --insecure-registry');
  if (status >= 500) return fail('registry-failed', 'try again later, or look at its log');
  if (status >= 300 && status < 400) return fail('registry-failed', 'it sends elsewhere, which is not followed here; name the place it sends to');
  if (told.codes.includes('NAME_UNKNOWN')) return fail('registry-failed', 'it has no such repository; make it there first, or check the name');
  return fail('registry-failed', status === 404 ? 'is this the address of a registry?' : 'look at its log');
}

/** The error for an answer with the right status that breaks the protocol. */
export function brokenAnswer(registry: string, doing: string, what: string, entry?: string): ImgkitError {
  return new ImgkitError('registry-failed', `${registry}: ${doing} failed: ${what}; is it an OCI registry, and is there a proxy that changes its answers?`, { file: registry, entry });
}
