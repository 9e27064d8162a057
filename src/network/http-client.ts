import type { LentChunk } from '../content/lent-chunk.js';
import type { NetworkOptions } from './network-options.js';

/** One HTTP request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Size of a streamed body, when known: sent as Content-Length instead of chunked. */
  readonly bodySize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How many redirects to follow (GET and HEAD only). Default 5. Of `headers`, only those about content (accept, range, conditions) go along when the origin changes. */
  readonly redirects?: number | undefined;
  /** A host that the user did not name: no client certificate is shown to it. Redirects to another origin make their target one by themselves. */
  readonly anonymous?: boolean | undefined;
}

/** What came back, whatever the status. The caller reads one of the bodies to its end or calls `discard`. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; of repeated headers, joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** Where it came from after redirects. */
  readonly url: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** The same, lent: for large ones. */
  readonly lentBody: AsyncIterable<LentChunk>;
  /** The whole body as text; `limit-exceeded` above `maxBytes` (default 1 MiB). */
  text(maxBytes?: number): Promise<string>;
  /** Drops the rest of the body. */
  discard(): Promise<void>;
}

/** HTTP with this project's manners: TLS verified, redirects by hand, credentials kept to their origin, time-outs, proxies, rate limit. Made by `createHttpClient`. */
export interface HttpClient {
  /** Resolves with any status. Throws `network-unreachable`, `network-failed`, `network-timeout`, `host-untrusted`, `login-failed` (a proxy's or a client certificate), `interrupted`; queries of URLs never appear in a message. */
  request(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly network: NetworkOptions;
  /** Accepts any certificate; only for registries that the user named as insecure. */
  readonly insecure?: boolean | undefined;
}

/** What `createHttpClient` is, for those who get it handed in. */
export type CreateHttpClient = (options: HttpClientOptions) => Promise<HttpClient>;
