import { mkdir, readFile, writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { startDockerRegistry, type DockerRegistry } from '../helpers/docker-registry.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { run, runOrThrow } from '../helpers/run.js';

/** Signatures of images through a real registry, copied by skopeo, checked with openssl; and one that openssl made, as cosign does. */
const app = image('app', { layers: [layer('app', { gzip: true })] });
const TAG = `sha256-${app.descriptor.digest.slice(7)}.sig`;
const SIMPLE = 'application/vnd.dev.cosign.simplesigning.v1+json';

interface Layer { readonly mediaType: string; readonly digest: string; readonly annotations?: Record<string, string> }
interface Manifest { readonly layers: readonly Layer[] }

let work: Workspace;
let first: DockerRegistry;
let second: DockerRegistry;
const insecure = (): readonly string[] => [first, second].flatMap(({ host }) => ['--insecure-registry', host]);
const skopeo = (...args: readonly string[]): Promise<string> => runOrThrow('skopeo', ['--policy', work.path('policy.json'), ...args], { env: { HOME: work.folder, XDG_RUNTIME_DIR: work.folder } });
const get = async (host: string, path: string): Promise<Response> => fetch(`http://${host}/v2/team/app/${path}`, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' } });

test.before(async () => {
  work = await createWorkspace();
  await writeFile(work.path('policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  await writeFile(work.path('app.tar'), pack(hybridParts([named(app, 'app:1.9.6')])));
  [first, second] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
  for (const name of ['release', 'mallory']) await work.ok(['keygen', '--type', 'cosign', '--name', name, '-o', 'keys']);
  await work.ok(['trust', 'add', 'trust', 'keys/release.pub']);
  await work.ok(['load', 'app.tar']);
});
test.after.always(async () => {
  await Promise.all([first?.stop(), second?.stop()]);
  await work?.remove();
});

/** openssl says that the signature at `host` is by the key, over a payload that names the digest. */
async function opensslVerifies(t: ExecutionContext, host: string, key: string): Promise<string> {
  const manifest = await (await get(host, `manifests/${TAG}`)).json() as Manifest;
  const [payload] = manifest.layers as readonly [Layer];
  t.is(payload.mediaType, SIMPLE);
  const bytes = Buffer.from(await (await get(host, `blobs/${payload.digest}`)).arrayBuffer());
  await writeFile(work.path('payload.json'), bytes);
  await writeFile(work.path('payload.sig'), Buffer.from(payload.annotations?.['dev.cosignproject.cosign/signature'] ?? '', 'base64'));
  t.is((JSON.parse(bytes.toString()) as { critical: { image: Record<string, string> } }).critical.image['docker-manifest-digest'], app.descriptor.digest);
  return (await run('openssl', ['dgst', '-sha256', '-verify', key, '-signature', 'payload.sig', 'payload.json'], { cwd: work.folder })).stdout.trim();
}

test.serial('signed in the store, pushed: openssl verifies what the registry has; and back, and on by skopeo', async (t) => {
  const reference = `${first.host}/team/app:1.9.6`;
  await work.ok(['sign', 'store:app:1.9.6', '--key', 'keys/release.key', '--reference', reference]);
  await work.ok(['copy', 'store:app:1.9.6', `docker://${reference}`, ...insecure()]);
  t.is(await opensslVerifies(t, first.host, 'keys/release.pub'), 'Verified OK');
  t.not(await opensslVerifies(t, first.host, 'keys/mallory.pub'), 'Verified OK');

  const verified = await work.json<{ signatures: readonly unknown[] }>(['verify', `docker://${reference}`, '--trust', 'trust', ...insecure()]);
  t.is(verified.signatures.length, 1);
  t.is((await work.imgkit(['verify', `docker://${reference}`, '--key', 'keys/mallory.pub', ...insecure()])).code, 4);
  await work.ok(['save', `docker://${reference}`, '-o', 'pulled.tar', ...insecure()]);
  await work.ok(['load', 'pulled.tar', '--trust', 'trust', '--store', work.path('pulled')]);
  t.is((await work.imgkit(['load', 'pulled.tar', '--key', 'keys/mallory.pub', '--store', work.path('refused')])).code, 4);

  // skopeo copies tags as what they are.
  for (const tag of ['1.9.6', TAG]) {
    await skopeo('copy', '-q', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false', `docker://${first.host}/team/app:${tag}`, `docker://${second.host}/team/app:${tag}`);
  }
  t.is(await opensslVerifies(t, second.host, 'keys/release.pub'), 'Verified OK');
  const moved = `docker://${second.host}/team/app:1.9.6`;
  t.is((await work.imgkit(['verify', moved, '--trust', 'trust', ...insecure()])).code, 4, 'it is signed for the first registry');
  await work.ok(['sign', moved, '--key', 'keys/release.key', ...insecure()]);
  await work.ok(['verify', moved, '--trust', 'trust', ...insecure()]);
  t.is((await (await get(second.host, `manifests/${TAG}`)).json() as Manifest).layers.length, 2, 'the old signature is kept');
});

test.serial('what openssl signed and skopeo pushed, as cosign lays it out, is believed here; another digest is not', async (t) => {
  const { host } = first;
  const push = async (tag: string, digest: string): Promise<void> => {
    await skopeo('copy', '-q', '--dest-tls-verify=false', `oci-archive:${work.path('app.tar')}`, `docker://${host}/other/app:1`);
    const payload = JSON.stringify({ critical: { identity: { 'docker-reference': `${host}/other/app` }, image: { 'docker-manifest-digest': digest }, type: 'cosign container image signature' }, optional: null });
    await writeFile(work.path('own.json'), payload);
    await runOrThrow('openssl', ['dgst', '-sha256', '-sign', 'own.key', '-out', 'own.sig', 'own.json'], { cwd: work.folder });
    const layout = work.path(`sig-${tag.slice(0, 12)}-${digest.slice(7, 12)}`);
    await mkdir(`${layout}/blobs/sha256`, { recursive: true });
    const blob = async (bytes: string): Promise<{ digest: string; size: number }> => {
      const { createHash } = await import('node:crypto');
      const hex = createHash('sha256').update(bytes).digest('hex');
      await writeFile(`${layout}/blobs/sha256/${hex}`, bytes);
      return { digest: `sha256:${hex}`, size: Buffer.byteLength(bytes) };
    };
    const layer0 = await blob(payload);
    const config = await blob(JSON.stringify({ architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [layer0.digest] }, config: {} }));
    const annotations = { 'dev.cosignproject.cosign/signature': (await readFile(work.path('own.sig'))).toString('base64') };
    const manifest = await blob(JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config }, layers: [{ mediaType: SIMPLE, ...layer0, annotations }] }));
    await writeFile(`${layout}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(`${layout}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'sig' } }] }));
    await skopeo('copy', '-q', '--preserve-digests', '--dest-tls-verify=false', `oci:${layout}:sig`, `docker://${host}/other/app:${tag}`);
  };
  await runOrThrow('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'own.key'], { cwd: work.folder });
  await runOrThrow('openssl', ['pkey', '-in', 'own.key', '-pubout', '-out', 'own.pub'], { cwd: work.folder });
  await push(TAG, app.descriptor.digest);
  const location = `docker://${host}/other/app:1`;
  await work.ok(['verify', location, '--key', 'own.pub', ...insecure()]);
  await work.ok(['copy', location, `oci:${work.path('from-registry')}:1`, '--key', 'own.pub', ...insecure()]);
  await push(TAG, `sha256:${'0'.repeat(64)}`);
  const refused = await work.imgkit(['copy', location, `oci:${work.path('never')}:1`, '--key', 'own.pub', ...insecure()]);
  t.is(refused.code, 4);
  t.regex(refused.stderr, /belongs to another image/);
});
