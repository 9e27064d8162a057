import { scrypt } from 'node:crypto';
import { ImgkitError } from '../../errors.js';

/** Costs of scrypt (RFC 7914). */
export interface ScryptCosts {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What minisign takes, 1 GiB for its strongest; more is a file made to exhaust this machine. */
const MOST_MEMORY = 1024 * 1024 * 1024;
const MOST_WORK = 2 ** 26;

/**
 * A key of `length` bytes from a passphrase, off the main thread. Throws `key-refused`, naming `name`, for costs that are no
 * costs, want more than 1 GiB, or when the memory cannot be had.
 */
export async function scryptKey(passphrase: string, salt: Uint8Array, { N, r, p }: ScryptCosts, length: number, name: string): Promise<Uint8Array> {
  const whole = [N, r, p].every((cost) => Number.isSafeInteger(cost) && cost > 0);
  if (!whole || N < 2 || (N & (N - 1)) !== 0 || 128 * N * r > MOST_MEMORY || N * r * p > MOST_WORK) {
    throw new ImgkitError('key-refused', `${name}: its passphrase is stretched with scrypt at N=${N}, r=${r}, p=${p}, which is more than the 1 GiB of memory allowed, or is no cost at all; use a key that was made with lower costs.`, { file: name });
  }
  const memory = 128 * r * (N + p) + 1024 * 1024;
  return await new Promise((resolve, reject) => {
    scrypt(passphrase, salt, length, { N, r, p, maxmem: memory }, (error, key) => {
      if (error === null) resolve(key);
      else reject(new ImgkitError('key-refused', `${name}: the passphrase cannot be stretched, which takes ${Math.ceil(memory / 1024 / 1024)} MiB of memory (${error.message}); run it where there is more.`, { file: name }, { cause: error }));
    });
  });
}
