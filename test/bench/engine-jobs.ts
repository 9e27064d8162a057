import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { docker, startDockerd } from '../helpers/dockerd.js';
import type { Beside, Job } from './jobs.js';
import { exportTo, type BenchPlaces } from './layer-jobs.js';

/** Filling an engine with the bench image takes minutes. */
const timeout = 1_200_000;

/** The jobs against a Docker engine of their own, which has the image unpacked as one layer, and in a container. Needs root and some 8 GB of disk. */
export function engineJobs(places: BenchPlaces): readonly Job[] {
  const { image, work, cli } = places;
  const at = (name: string): string => join(work, name);
  const rootfs = at('rootfs.tar');
  const imgkit = (...args: string[]): readonly string[] => [process.execPath, cli, ...args, '--quiet', '--progress', 'none'];
  const shell = (script: string): readonly string[] => ['bash', '-ec', script];
  const outputs = [at('ours.tar'), at('peer.tar'), at('store')];
  const needs = { file: rootfs, made: exportTo(rootfs, places) };
  const beside = (): Promise<Beside> => startFilledEngine(rootfs, at('container'));
  return [
    { name: 'export to a tar, against an engine', ours: imgkit('export', `oci:${join(image, 'oci')}`, '-o', at('ours.tar')), peer: shell(`/usr/bin/docker export --output ${at('peer.tar')} $(cat ${at('container')})`), against: 'docker export', atMost: 1, outputs, needs, beside },
    { name: 'import a rootfs, against an engine', ours: imgkit('import', rootfs, 'bench:import', '--compress', 'none', '--store', at('store')), peer: shell(`/usr/bin/docker import ${rootfs} imported:1`), against: 'docker import', atMost: 0.9, outputs, needs, beside },
  ];
}

async function startFilledEngine(rootfs: string, idFile: string): Promise<Beside> {
  const engine = await startDockerd();
  try {
    await docker(engine.host, ['import', '-c', 'CMD ["/bin/true"]', rootfs, 'bench:1.4'], { timeout });
    await docker(engine.host, ['create', '--network', 'none', '--cidfile', idFile, 'bench:1.4'], { timeout });
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return {
    env: { DOCKER_HOST: engine.host, DOCKER_CONFIG: '/nonexistent' },
    async clean() {
      const ids = (await docker(engine.host, ['images', '--quiet', 'imported'])).trim();
      if (ids !== '') await docker(engine.host, ['image', 'rm', '--force', ids], { timeout });
    },
    async close() {
      await rm(idFile, { force: true });
      await engine.stop();
    },
  };
}
