import test from 'ava';
import { ImgkitError, type ErrorCode } from '../../../src/errors.js';
import { totalTimeLimit } from '../../../src/network/time-limit.js';
import { withRetries } from '../../../src/operations/ship/with-retries.js';

/** How often work that always fails with `error` is done. */
async function attempts(error: unknown): Promise<number> {
  let count = 0;
  await withRetries(async () => { count += 1; throw error; }, { retries: 2, delay: 0 }).catch(() => undefined);
  return count;
}

for (const code of ['network-failed', 'network-timeout', 'network-unreachable'] as const satisfies readonly ErrorCode[]) {
  test(`${code} is tried again`, async (t) => { t.is(await attempts(new ImgkitError(code, 'may pass')), 3); });
}

for (const code of ['login-failed', 'host-untrusted', 'digest-mismatch'] as const satisfies readonly ErrorCode[]) {
  test(`${code} is not`, async (t) => { t.is(await attempts(new ImgkitError(code, 'stays')), 1); });
}

test('the end of the whole time is the end: trying again would exceed it', async (t) => {
  const limit = totalTimeLimit(1, undefined, 'drop.example');
  await new Promise((resolve) => { limit.signal?.addEventListener('abort', resolve); });
  t.like(limit.signal?.reason, { code: 'network-timeout' });
  t.is(await attempts(limit.signal?.reason), 1);
});
