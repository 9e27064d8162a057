import { join, resolve } from 'node:path';
import type { Job } from './jobs.js';

const makeLayout = resolve(import.meta.dirname, '../../../test/bench/make-layout.mjs');

/** What every set of jobs is made from: the bench image, a folder for outputs, and the built command. */
export interface BenchPlaces {
  readonly image: string;
  readonly work: string;
  readonly cli: string;
}

/** The jobs that look into layers or make them. Unpacking goes to memory (/dev/shm): the disk would decide otherwise. */
export function layerJobs(places: BenchPlaces): readonly Job[] {
  const { image, work, cli } = places;
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
  const forked = at('forked');
  const changed = (number: number): string => `gunzip -c ${layer(number)} > ${at('layer')}; f=$(tar tf ${at('layer')} | grep -v -e '/$' -e '\\.wh\\.' | head -n 1); mkdir -p "${at('extra')}/$(dirname "$f")"; echo changed > "${at('extra')}/$f"; tar -rf ${at('layer')} -C ${at('extra')} "$f"; mv ${at('layer')} ${at(`layer-${number}.tar`)}`;
  const fork = shell(`${process.execPath} ${makeLayout} lower ${oci} ${forked} lower 5; ${changed(6)}; ${changed(7)}; ${imgkit('append', `oci:${forked}:lower`, `oci:${forked}:new`, '--layer', at('layer-6.tar'), '--layer', at('layer-7.tar')).join(' ')}; rm -r ${at('layer-6.tar')} ${at('layer-7.tar')} ${at('extra')}`);
  const diff = [`oci:${oci}`, `oci:${forked}:new`];
  // What both have is one file with two names.
  const others = `find ${blobs} ${forked}/blobs/sha256 -type f -links 1 -print0 | xargs -0 cat | sha256sum`;
  // umoci takes no colon in a tag. Its layout shares the blobs.
  const tagged = at('tagged');
  const tag = { file: tagged, made: shell(`cp -al ${oci} ${tagged}; sed -i s/bench:1.4/bench/ ${tagged}/index.json`) };
  const umoci = `umoci unpack --image ${tagged}:bench ${memory('peer')}`;
  const untar = `mkdir ${memory('peer')}; for l in ${layers}; do tar xzf ${blobs}/$l -C ${memory('peer')}; done`;
  return [
    { name: 'files of a gzip layer with 120,000 entries', ours: imgkit('files', `oci:${oci}`, '--layer', '5'), peer: shell(`tar tzf ${layer(5)}`), against: 'tar tzf', atMost: 0.5, outputs: [] },
    { name: 'extract to memory', ours: imgkit('extract', `oci:${oci}`, '--to', memory('ours'), '--preserve-owner'), peer: shell(umoci), against: 'umoci unpack', atMost: 0.4, outputs, needs: tag },
    { name: 'extract to memory, against tar', ours: imgkit('extract', `oci:${oci}`, '--to', memory('ours'), '--preserve-owner'), peer: shell(untar), against: 'tar xzf, layer by layer', atMost: 1, outputs },
    { name: 'export to a tar', ours: imgkit('export', `oci:${oci}`, '-o', at('ours.tar')), peer: shell(`${umoci}; tar cf ${at('peer.tar')} -C ${memory('peer')}/rootfs .`), against: 'umoci unpack, tar c', atMost: 0.5, outputs, needs: tag },
    { name: 'diff of images that share five of seven layers', ours: shell(`${imgkit('diff', ...diff).join(' ')} || [ $? = 1 ]`), peer: shell(others), against: 'sha256sum of the other layers', outputs: [], needs: { file: forked, made: fork }, note: [process.execPath, '-e', READ, cli, ...diff] },
    { name: 'limit: import a rootfs, layer uncompressed', ours: imgkit('import', rootfs, 'bench:import', '--compress', 'none', '--store', at('store')), peer: ['bash', '-ec', `cp ${rootfs} ${at('copy')} && sync ${at('copy')}`], against: 'cp, sync', outputs: [...outputs, at('copy')], needs: { file: rootfs, made: exportTo(rootfs, places) } },
    { name: 'import a rootfs, layer uncompressed', ours: imgkit('import', rootfs, 'bench:import', '--compress', 'none', '--store', at('store')), peer: ['openssl', 'dgst', '-sha256', rootfs], against: 'openssl dgst -sha256', atMost: 1.3, outputs, needs: { file: rootfs, made: exportTo(rootfs, places) } },
  ];
}

/** The files of the bench image as a tar in the order of `docker export`, which is made once. */
export function exportTo(rootfs: string, { image, cli }: BenchPlaces): readonly string[] {
  return [process.execPath, cli, 'export', `oci:${join(image, 'oci')}`, '-o', rootfs, '--order', 'path', '--quiet', '--progress', 'none'];
}

/** Prints how much of which layers a diff read, and fails when both images have one of them. */
const READ = `
  const { spawnSync } = require('node:child_process');
  const [cli, ...images] = process.argv.slice(1);
  const { files: { layers } } = JSON.parse(spawnSync(process.execPath, [cli, 'diff', ...images, '--files', '--json'], { maxBuffer: 1 << 30 }).stdout);
  const read = layers.filter(({ bytes }) => bytes > 0);
  if (read.some(({ shared }) => shared)) throw new Error(JSON.stringify(layers));
  console.log('reads ' + (read.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1) + ' MB, ' + read.length + ' layers, none of them shared');
`;
