import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findEngine } from '../../src/engine/find-engine.js';
import { tempFolder } from '../content/temp.js';

/** A configuration of docker with one context, `far`. */
async function configuration(t: ExecutionContext, { endpoint, config, tls = false }: { readonly endpoint?: unknown; readonly config?: string; readonly tls?: boolean }): Promise<{ readonly folder: string; readonly tlsFolder: string }> {
  const folder = await tempFolder(t);
  const id = createHash('sha256').update('far').digest('hex');
  const [meta, tlsFolder] = [join(folder, 'contexts', 'meta', id), join(folder, 'contexts', 'tls', id, 'docker')];
  await mkdir(meta, { recursive: true });
  if (tls) await mkdir(tlsFolder, { recursive: true });
  if (config !== undefined) await writeFile(join(folder, 'config.json'), config);
  if (endpoint !== undefined) await writeFile(join(meta, 'meta.json'), JSON.stringify({ Name: 'far', Metadata: {}, Endpoints: { docker: endpoint } }));
  return { folder, tlsFolder };
}

const SOCKET = { text: 'unix:///var/run/docker.sock', socketPath: '/var/run/docker.sock' };
const FAR = { Host: 'ssh://me@far.example', SkipTLSVerify: false };
const CURRENT = '{"auths": {}, "currentContext": "far"}';

test('DOCKER_HOST goes before DOCKER_CONTEXT, that before the current context, that before the socket', async (t) => {
  const { folder } = await configuration(t, { endpoint: FAR, config: CURRENT });
  const at = { DOCKER_CONFIG: folder };
  t.like(await findEngine({ ...at, DOCKER_HOST: 'tcp://near:1', DOCKER_CONTEXT: 'far' }), { text: 'tcp://near:1' });
  t.like(await findEngine(at), { ssh: { host: 'far.example', user: 'me' } });
  t.like(await findEngine({ ...at, DOCKER_CONTEXT: 'default' }), SOCKET);
  const none = await configuration(t, { endpoint: FAR });
  t.like(await findEngine({ DOCKER_CONFIG: none.folder }), SOCKET);
  t.like(await findEngine({ DOCKER_CONFIG: none.folder, DOCKER_CONTEXT: 'far' }), { text: 'ssh://me@far.example' });
  t.like(await findEngine({ DOCKER_CONFIG: join(folder, 'nowhere') }), SOCKET);
});

test('the certificates of a context are its own', async (t) => {
  const endpoint = { Host: 'tcp://far.example', SkipTLSVerify: false };
  const { folder, tlsFolder } = await configuration(t, { endpoint, tls: true });
  t.like(await findEngine({ DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'far' }), { origin: 'https://far.example:2376', certificates: tlsFolder });
  const clear = await configuration(t, { endpoint });
  t.like(await findEngine({ DOCKER_CONFIG: clear.folder, DOCKER_CONTEXT: 'far' }), { origin: 'http://far.example:2375' });
});

test('what cannot be the engine that is meant is refused, not replaced by another', async (t) => {
  const { folder } = await configuration(t, { endpoint: FAR });
  await t.throwsAsync(findEngine({ DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'absent' }), { code: 'location-invalid', message: /no context "absent".*docker context ls/ });
  await t.throwsAsync(findEngine({ DOCKER_CONFIG: folder, DOCKER_CONTEXT: '../../etc' }), { code: 'location-invalid' });
  const broken = await configuration(t, { config: '{"auths": {"r": {"auth": "U0VDUkVU"' });
  const error = await t.throwsAsync(findEngine({ DOCKER_CONFIG: broken.folder }), { code: 'document-malformed' });
  t.false(error?.message.includes('U0VDUkVU'));
  const careless = await configuration(t, { endpoint: { Host: 'tcp://far.example', SkipTLSVerify: true } });
  await t.throwsAsync(findEngine({ DOCKER_CONFIG: careless.folder, DOCKER_CONTEXT: 'far' }), { code: 'location-unsupported', message: /certificate/ });
  const windows = await configuration(t, { endpoint: { Host: 'npipe:////./pipe/docker' } });
  await t.throwsAsync(findEngine({ DOCKER_CONFIG: windows.folder, DOCKER_CONTEXT: 'far' }), { code: 'location-unsupported', message: /the context "far"/ });
});
