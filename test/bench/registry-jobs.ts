import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startDockerRegistry } from '../helpers/docker-registry.js';
import { runOrThrow } from '../helpers/run.js';
import type { Beside, Job } from './jobs.js';
import type { BenchPlaces } from './layer-jobs.js';

/** Pushing the bench image into an empty registry, and pulling it: both sides read the same layout, and both prove every digest. */
export function registryJobs({ image, work, cli }: BenchPlaces): readonly Job[] {
  const [oci, ours, peer] = [join(image, 'oci'), join(work, 'ours'), join(work, 'peer')];
  const shell = (script: string): readonly string[] => ['bash', '-ec', script];
  const imgkit = (...words: string[]): readonly string[] => shell(`exec ${process.execPath} ${cli} copy ${words.join(' ')} --insecure-registry "$HOST" --quiet --progress none`);
  const skopeo = (...words: string[]): readonly string[] => shell(`skopeo --insecure-policy copy -q --src-tls-verify=false --dest-tls-verify=false ${words.join(' ')}`);
  const outputs = [ours, peer];
  const there = (name: string): string => `"docker://$HOST/${name}:1.4"`;
  return [
    { name: 'push to a registry', ours: imgkit(`oci:${oci}`, there('bench')), peer: skopeo(`oci:${oci}`, there('bench')), against: 'skopeo copy', atMost: 1, outputs, beside: () => besideRegistry() },
    { name: 'pull from a registry, synced', ours: imgkit(there('bench'), `oci:${ours}`), peer: shell(`${skopeo(there('bench'), `oci:${peer}:bench`).at(-1)}; sync ${peer}/blobs/sha256/*`), against: 'skopeo copy, sync', atMost: 1, outputs, beside: () => besideRegistry(oci) },
  ];
}

/** A registry that is emptied before each run, or keeps the image in the layout `filled`. */
async function besideRegistry(filled?: string): Promise<Beside> {
  const registry = await startDockerRegistry();
  if (filled !== undefined) await runOrThrow('skopeo', ['--insecure-policy', 'copy', '-q', '--dest-tls-verify=false', `oci:${filled}`, `docker://${registry.host}/bench:1.4`], { timeout: 300_000 });
  return {
    env: { HOST: registry.host },
    async clean() {
      if (filled === undefined) await rm(join(registry.folder, 'docker'), { recursive: true, force: true });
    },
    close: () => registry.stop(),
  };
}
