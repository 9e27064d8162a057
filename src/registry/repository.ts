import type { Digest } from '../content/digest.js';
import type { HttpResponse } from '../network/http-client.js';
import type { Connection, RegistryRequest } from './connection.js';
import { registryFailure, type FailureContext } from './failure.js';

/** What a request wants to do in a repository. */
export type Access = 'pull' | 'push';

/** One repository of one registry. Immutable; the connection is shared and belongs to whoever opened it. */
export class Repository {
  readonly connection: Connection;
  /** As the registry knows it: of a mirror, its prefix is part of it. */
  readonly path: string;
  /** For sentences: `docker.io/library/app`. */
  readonly name: string;

  constructor(connection: Connection, repository: string) {
    this.connection = connection;
    this.path = `${connection.address.prefix}${repository}`;
    this.name = `${connection.address.name}/${this.path}`;
  }

  /** Two repositories of one registry, between which blobs can be mounted. */
  isBeside(other: Repository): boolean {
    return this.connection.address.host === other.connection.address.host && this.path !== other.path;
  }

  isSame(other: Repository): boolean {
    return this.connection.address.host === other.connection.address.host && this.path === other.path;
  }

  /** A request below `/v2/<name>/`, or to a full address that the registry gave. Resolves with any status. */
  request(request: Omit<RegistryRequest, 'scopes' | 'target'> & { readonly path: string; readonly access?: Access | undefined; readonly from?: Repository | undefined }): Promise<HttpResponse> {
    const { path, access = 'pull', from, ...rest } = request;
    const scopes = [`repository:${this.path}:${access === 'pull' ? 'pull' : 'pull,push'}`, ...(from === undefined ? [] : [`repository:${from.path}:pull`])];
    const target = /^https?:\/\//i.test(path) ? path : `/v2/${this.path}/${path}`;
    return this.connection.request({ ...rest, target, scopes });
  }

  /** The error for an answer that is not what was asked for. */
  async failure(response: HttpResponse, context: Omit<FailureContext, 'registry'>): Promise<Error> {
    const loginHint = response.status === 401 || response.status === 403 ? await this.connection.loginHint() : undefined;
    return registryFailure(response, { registry: this.connection.address.name, loginHint, ...context });
  }

  blobPath(digest: Digest): string {
    return `blobs/${digest}`;
  }

  manifestPath(reference: string): string {
    return `manifests/${reference}`;
  }
}
