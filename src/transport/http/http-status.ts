import { ImgkitError, type ErrorCode } from '../../errors.js';

/** Where and why a request was made, for the error of its answer. */
export interface StatusContext {
  /** `host:port`. */
  readonly host: string;
  readonly path: string;
  /** A phrase such as `writing it`. */
  readonly doing: string;
}

type Meaning = readonly [code: ErrorCode, sentence: string];

const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [400, ['remote-refused', 'the server calls the request malformed; does it want a client certificate (--client-cert)?']],
  [401, ['login-failed', 'the server wants a login; write https://USER@HOST/..., and give the password with --password-file, $IMGKIT_PASSWORD or ~/.netrc']],
  [403, ['remote-refused', 'the server forbids it; check the rights of this user, and whether a presigned URL has expired']],
  [404, ['file-not-found', 'there is no such file at the server; check the path']],
  [405, ['remote-refused', 'the server does not allow this method here; ask its owner to allow it, or choose another folder']],
  [407, ['login-failed', 'the proxy wants a login: put user and password into the URL of $https_proxy']],
  [409, ['remote-refused', 'the server sees a conflict; is the folder there?']],
  [410, ['file-not-found', 'the file is gone for good; ask its owner for a new address']],
  [411, ['remote-refused', 'the server wants to know the size beforehand; send a file, not a stream']],
  [412, ['remote-refused', 'the name is taken, or the file has changed; look what is there, and run it again']],
  [413, ['remote-refused', 'the server takes no file of this size; ask its owner to raise the limit']],
  [423, ['remote-refused', 'the file is locked at the server; try again later']],
  [429, ['network-failed', 'the server has too many requests; try again later']],
  [501, ['remote-refused', 'the server cannot do this; ask its owner, or use another protocol']],
  [503, ['network-failed', 'the server is not ready; try again later']],
  [507, ['remote-full', 'the disk or quota at the server is full; free some there and run it again']],
]);

/** The error of an answer that is none of those hoped for. */
export function statusError(status: number, { host, path, doing }: StatusContext): ImgkitError {
  const [code, sentence] = MEANINGS.get(status) ?? otherwise(status);
  return new ImgkitError(code, `${host}: ${path}: ${doing} failed with status ${status}: ${sentence}.`, { file: `${host}${path}`, found: `status ${status}` });
}

function otherwise(status: number): Meaning {
  if (status >= 500) return ['network-failed', 'the server failed; run it again, and ask its owner if it stays so (a full disk looks like this too)'];
  if (status >= 300 && status < 400) return ['remote-refused', 'the server sends this request elsewhere; name the URL that it leads to'];
  return ['remote-refused', 'the server does not do this; check the path, and what this user may do'];
}
