import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { getFromHelper, type HelperOptions } from '../../src/registry/auth/credential-helper.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

async function helper(name: string, script: string): Promise<HelperOptions> {
  const folder = scratch.path(name);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { environment: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } };
}

/** Another process, with the pipes of the helper, that lives as long as this one. */
const BESIDE = `(while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done) &`;

test('a helper that leaves an agent behind has answered when it ends', async (t) => {
  const options = await helper('agent', `${BESIDE} echo '{"ServerURL":"r","Username":"me","Secret":"s"}'`);
  t.deepEqual(await getFromHelper('agent', 'r.example', options), { kind: 'password', username: 'me', password: 's' });
});

test('a helper that waits for another program is ended when it takes too long', async (t) => {
  const options = await helper('slow', `${BESIDE} wait`);
  await t.throwsAsync(getFromHelper('slow', 'r.example', { ...options, patience: 200 }), { code: 'login-failed', message: /took too long/ });
});

test('a helper whose program says more than any login is ended', async (t) => {
  const options = await helper('endless', 'yes & wait');
  await t.throwsAsync(getFromHelper('endless', 'r.example', options), { code: 'login-failed', message: /said too much/ });
});

test('a helper that is stopped from here leaves nothing to wait for', async (t) => {
  const options = await helper('stopped', `${BESIDE} wait`);
  await t.throwsAsync(getFromHelper('stopped', 'r.example', { ...options, signal: AbortSignal.abort() }), { code: 'interrupted' });
});
