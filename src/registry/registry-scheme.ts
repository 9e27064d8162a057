import { ImgkitError, isImgkitError } from '../errors.js';
import type { HttpResponse } from '../network/http-client.js';
import type { RegistryAddress } from './registry-address.js';

/**
 * The scheme a registry speaks: https, always, unless the user named it as insecure. Such a one is asked with TLS first, its
 * certificate unchecked, and then without, as docker does; no credentials are sent before that is known. Throws what the
 * last try threw.
 */
export async function schemeOf({ host, insecure }: RegistryAddress, get: (url: string) => Promise<HttpResponse>): Promise<'https' | 'http'> {
  if (!insecure) return 'https';
  try {
    await (await get(`https://${host}/v2/`)).discard();
    return 'https';
  } catch (error) {
    if (!isImgkitError(error, 'network-failed', 'network-unreachable', 'network-timeout')) throw error;
    await (await get(`http://${host}/v2/`)).discard();
    return 'http';
  }
}

/** `error`, with the way out when a registry that speaks plain HTTP was taken for one with TLS: localhost is no exception. */
export function explainPlain(error: unknown, { name, insecure }: RegistryAddress): unknown {
  if (insecure || !isImgkitError(error, 'network-failed') || !/does not speak TLS/.test(error.message)) return error;
  return new ImgkitError('network-failed', `${error.message.replace(/\.$/, '')}. If ${name} is meant to speak plain HTTP, say so: --insecure-registry ${name}.`, error.details, { cause: error });
}
