import { join } from 'node:path';
import type { Job } from './jobs.js';

/** What every set of jobs is made from: the bench image, a folder for outputs, and the built command. */
export interface BenchPlaces {
  readonly image: string;
  readonly work: string;
  readonly cli: string;
}

/** The jobs that look into layers or make them. Unpacking goes to memory (/dev/shm): the disk would decide otherwise. */
export function layerJobs({ image, work, cli }: BenchPlaces): readonly Job[] {
  const oci = join(image, 'oci');
  const memory = (name: string): string => join('/dev/shm', `imgkit-bench-${name}`);
  const at = (name: string): string => join(work, name);
  const imgkit = (...args: string[]): readonly string[] => [process.execPath, cli, ...args, '--quiet', '--progress', 'none'];
  const shell = (script: string): readonly string[] => ['bash', '-ec', script];
  const rootfs = at('rootfs.tar');
  const outputs = [memory('ours'), memory('peer'), at('ours.tar'), at('peer.tar'), at('store')];
  const blobs = `${oci}/blobs/sha256`;
  const layers = `$(node -p 'const read = (d) => JSON.parse(require("fs").readFileSync("${blobs}/" + d.slice(7))); read(JSON.parse(require("fs").readFileSync("${oci}/index.json")).manifests[0].digest).layers.map((l) => l.digest.slice(7)).join(" ")')`;
  const layer = (number: number): string => `${blobs}/$(echo "${layers}" | cut -d' ' -f${number})`;
  return [
    { name: 'files of a gzip layer with 120,000 entries', ours: imgkit('files', `oci:${oci}`, '--layer', '5'), peer: shell(`tar tzf ${layer(5)}`), against: 'tar tzf', atMost: 0.5, outputs },
    { name: 'extract to memory', ours: imgkit('extract', `oci:${oci}`, '--to', memory('ours'), '--preserve-owner'), peer: ['umoci', 'raw', 'unpack', '--image', `${oci}:bench`, memory('peer')], against: 'umoci raw unpack', atMost: 0.4, outputs },
    { name: 'extract to memory, against tar', ours: imgkit('extract', `oci:${oci}`, '--to', memory('ours'), '--preserve-owner'), peer: shell(`mkdir ${memory('peer')}; for l in ${layers}; do tar xzf ${blobs}/$l -C ${memory('peer')}; done`), against: 'tar xzf, layer by layer', atMost: 1, outputs },
    { name: 'export to a tar', ours: imgkit('export', `oci:${oci}`, '-o', at('ours.tar')), peer: shell(`umoci raw unpack --image ${oci}:bench ${memory('peer')}; tar cf ${at('peer.tar')} -C ${memory('peer')} .`), against: 'umoci raw unpack, tar c', atMost: 0.5, outputs },
    { name: 'import a rootfs, layer uncompressed', ours: imgkit('import', rootfs, 'bench:import', '--compress', 'none', '--store', at('store')), peer: ['openssl', 'dgst', '-sha256', rootfs], against: 'openssl dgst -sha256', atMost: 1.3, outputs, needs: { file: rootfs, made: imgkit('export', `oci:${oci}`, '-o', rootfs) } },
  ];
}
