import { ImgkitError, isImgkitError } from '../errors.js';
import type { HttpResponse } from '../network/http-client.js';
import { within } from '../network/time-limit.js';
import type { RegistryAddress } from './registry-address.js';

/** Milliseconds. A server without TLS may wait for the end of a line that is none, and so for as long as a connection may take. */
const SILENCE = 3000;

/**
 * The scheme a registry speaks: https, always, unless the user named it as insecure. Such a one is asked with TLS first, its
 * certificate unchecked, and then without, as docker does: when that failed, or beside it when it is silent for so long. No credentials
 * are sent before that is known. Throws what the last try threw.
 */
export async function schemeOf({ host, insecure }: RegistryAddress, get: (url: string) => Promise<HttpResponse>, silence = SILENCE): Promise<'https' | 'http'> {
  if (!insecure) return 'https';
  const statusOf = async (url: string): Promise<number> => {
    const response = await get(url);
    await response.discard();
    return response.status;
  };
  const secure = statusOf(`https://${host}/v2/`).then(() => 'https' as const);
  const plain = async (): Promise<'https' | 'http'> => {
    const status = await statusOf(`http://${host}/v2/`);
    // What is slow to speak TLS says by one of the others that it wants it.
    return status < 300 || (status > 400 && status < 500) ? 'http' : secure.catch(() => 'http' as const);
  };
  const isSilent = new Error('silent');
  try {
    return await within(secure, silence, () => isSilent);
  } catch (error) {
    if (error === isSilent) return Promise.any([secure, plain()]).catch(({ errors }: AggregateError) => plainly(errors[0], () => Promise.reject(errors[1] as Error)));
    return plainly(error, plain);
  }
}

/** `plain` after a failure that may be one of TLS alone. */
async function plainly(error: unknown, plain: () => Promise<'https' | 'http'>): Promise<'https' | 'http'> {
  if (!isImgkitError(error, 'network-failed', 'network-unreachable', 'network-timeout')) throw error;
  return plain();
}

/** `error`, with the way out when a registry that speaks plain HTTP was taken for one with TLS: localhost is no exception. */
export function explainPlain(error: unknown, { name, insecure }: RegistryAddress): unknown {
  if (insecure || !isImgkitError(error, 'network-failed') || !/does not speak TLS/.test(error.message)) return error;
  return new ImgkitError('network-failed', `${error.message.replace(/\.$/, '')}. If ${name} is meant to speak plain HTTP, say so: --insecure-registry ${name}.`, error.details, { cause: error });
}
