import { ImgkitError } from '../../errors.js';
import { findPassword } from '../../network/credentials.js';
import type { NetworkOptions } from '../../network/network-options.js';

/** Basic authentication (RFC 7617) at one origin: the password is looked for once, when it is wanted. */
export class HttpLogin {
  readonly #url: URL;
  readonly #network: NetworkOptions;
  readonly #user: string | undefined;
  #header: Promise<string | undefined> | undefined;
  #warned = false;

  constructor(url: URL, network: NetworkOptions) {
    this.#url = url;
    this.#network = network;
    this.#user = url.username === '' ? undefined : decodeUser(url);
  }

  /** What has been found so far, without looking. */
  known(): Promise<string | undefined> {
    return this.#header ?? Promise.resolve(undefined);
  }

  /** The header of who we are; undefined when nobody has said. Throws as `findPassword`. */
  async find(): Promise<string | undefined> {
    this.#header ??= this.#make();
    this.#header.catch(() => (this.#header = undefined));
    return this.#header;
  }

  /** After a 401: what the server says it wants must be something that we have. Throws `login-failed`. */
  async answer(challenge: string | undefined, refused: string | undefined): Promise<string> {
    const where = this.#url.host;
    if (challenge !== undefined && !/(?:^|[\s,])basic(?:\s|,|$)/i.test(challenge)) {
      const [scheme = 'unknown'] = /[\w-]+/.exec(challenge) ?? [];
      throw this.#failed(`${where}: the server wants a login of kind ${scheme}, and imgkit only knows Basic; ask its owner for that, or for a presigned URL`);
    }
    const header = await this.find();
    if (header === undefined) throw this.#failed(`${where}: the server wants a login: write ${this.#url.protocol}//USER@${where}/..., and give the password with --password-file, $IMGKIT_PASSWORD or ~/.netrc`);
    if (refused === header) throw this.#failed(`${where}: the server refuses ${this.#user === undefined ? 'this login' : `the login of ${JSON.stringify(this.#user)}`}; check user and password`);
    return header;
  }

  async #make(): Promise<string | undefined> {
    const { protocol, hostname, port } = this.#url;
    const scheme = protocol.slice(0, -1);
    const found = await findPassword({ scheme, host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? undefined : Number(port), user: this.#user }, this.#network);
    if (found?.user === undefined) return undefined;
    if (found.user.includes(':')) throw new ImgkitError('usage', `${this.#url.host}: a user name for HTTP must not hold a colon; ask the owner of the server for another.`);
    if (scheme === 'http' && !this.#warned) this.#network.onWarning?.(`${this.#url.host}: http:// sends the password so that everybody on the way can read it; use https:// if the server has it.`);
    this.#warned = true;
    return `Basic ${Buffer.from(`${found.user}:${found.password}`, 'utf8').toString('base64')}`;
  }

  #failed(sentence: string): ImgkitError {
    return new ImgkitError('login-failed', `${sentence}.`, { file: this.#url.host });
  }
}

/** Throws `location-invalid`. */
function decodeUser({ username, host }: URL): string {
  try {
    return decodeURIComponent(username);
  } catch (error) {
    throw new ImgkitError('location-invalid', `${host}: a "%" in the user name of the URL is not followed by two hexadecimal digits of valid UTF-8; write %25 for the sign itself.`, { file: host }, { cause: error });
  }
}
