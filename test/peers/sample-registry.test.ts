import { resolve } from 'node:path';
import test from 'ava';
import { startDockerRegistry } from '../helpers/docker-registry.js';
import { runOrThrow } from '../helpers/run.js';

test('sample registry runs', async (t) => {
  const registry = await startDockerRegistry();
  t.teardown(() => registry.stop());
  const output = await runOrThrow(process.execPath, [resolve(import.meta.dirname, '../../samples/registry.js'), `${registry.host}/team/hello`, '--insecure']);
  const [pushed, ...more] = output.trim().split('\n');
  const digest = /^pushed (sha256:[0-9a-f]{64})$/.exec(pushed ?? '')?.[1] ?? '';
  const repository = `${registry.host}/team/hello`;
  t.deepEqual(more, [`${repository}:1.2.0 ${digest}`, `${repository}:stable ${digest}`, `pulled ${digest}`, 'right: true']);
});
