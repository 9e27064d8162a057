import { join } from 'node:path';

/** One comparison: our command and a peer's for the same work, run in turn. */
export interface Job {
  readonly name: string;
  readonly ours: readonly string[];
  readonly peer: readonly string[];
  /** As the report calls the peer. */
  readonly against: string;
  /** Largest ours / peer that the project promises; without this and the next there is no promise. */
  readonly atMost?: number;
  /** Largest ours - peer in milliseconds that the project promises. */
  readonly atMostOver?: number;
  /** Largest peak memory of ours, in MB, that the project promises. */
  readonly mostPeakMb?: number;
  /** Removed before every run of either, and memory warmed for them. Empty where nothing is written: warming leaves the disk and the host at work. */
  readonly outputs: readonly string[];
  /** A file that must be there, and the command that makes it; not measured. */
  readonly needs?: { readonly file: string; readonly made: readonly string[] };
  /** A command whose output is a note to the figures; it fails when what it notes is not as it should be. */
  readonly note?: readonly string[];
  /** Starts what both commands need beside them; ended after the last run. */
  readonly beside?: () => Promise<Beside>;
  /** Compared in size after the runs: [ours, peer]. */
  readonly sizes?: readonly [string, string];
}

/** Something that runs while a job does. */
export interface Beside {
  /** For both commands. */
  readonly env: NodeJS.ProcessEnv;
  /** Removes what a run left, before the next. */
  clean(): Promise<void>;
  close(): Promise<void>;
}

/** The jobs over the bench image in `image`; outputs go to `work`, `cli` is the built command. */
export function jobs(image: string, work: string, cli: string): readonly Job[] {
  const at = (name: string): string => join(work, name);
  const [docker, oci, ociTar, hybrid] = [join(image, 'docker.tar'), join(image, 'oci'), join(image, 'oci.tar'), at('hybrid.tar')];
  const imgkit = (...args: string[]): readonly string[] => [process.execPath, cli, ...args, '--quiet', '--progress', 'none', ...(args[0] === 'load' ? ['--store', at('store')] : [])];
  const shell = (script: string): readonly string[] => ['bash', '-c', script];
  const ours = at('ours');
  const peer = at('peer');
  const outputs = [ours, peer, `${ours}.tar`, `${peer}.tar`, at('store')];
  const unzipAll = `find ${oci}/blobs/sha256 -type f -size +100k -print0 | xargs -0 -n1 -P2 sh -c 'gunzip -c "$0" | sha256sum'`;
  return [
    { name: 'verify docker archive', ours: imgkit('verify', docker), peer: ['openssl', 'dgst', '-sha256', docker], against: 'openssl dgst -sha256', atMost: 0.8, outputs: [] },
    { name: 'verify OCI archive, gzip: blobs and diffIDs', ours: imgkit('verify', ociTar), peer: shell(unzipAll), against: 'gunzip, sha256sum, two at a time', atMost: 0.4, outputs: [] },
    { name: 'copy oci-archive -> docker-archive', ours: imgkit('copy', ociTar, `docker-archive:${ours}.tar`), peer: ['skopeo', 'copy', '-q', `oci-archive:${ociTar}`, `docker-archive:${peer}.tar:bench:1.4`], against: 'skopeo copy', atMost: 0.35, outputs },
    { name: 'copy oci -> oci', ours: imgkit('copy', `oci:${oci}`, `oci:${ours}`), peer: ['skopeo', 'copy', '-q', `oci:${oci}`, `oci:${peer}:bench`], against: 'skopeo copy', atMost: 0.25, outputs },
    { name: 'copy oci-archive -> oci-archive', ours: imgkit('copy', ociTar, `oci-archive:${ours}.tar`), peer: ['skopeo', 'copy', '-q', `oci-archive:${ociTar}`, `oci-archive:${peer}.tar:bench`], against: 'skopeo copy', atMost: 0.25, outputs },
    { name: 'copy docker-archive -> oci, gzip', ours: imgkit('copy', docker, `oci:${ours}`, '--compress', 'gzip'), peer: ['skopeo', 'copy', '-q', `docker-archive:${docker}`, `oci:${peer}:bench`], against: 'skopeo copy', atMost: 0.9, outputs, sizes: [ours, peer] },
    { name: 'copy docker-archive -> oci, gzip fast', ours: imgkit('copy', docker, `oci:${ours}`, '--compress', 'gzip', '--compress-level', 'fast'), peer: ['skopeo', 'copy', '-q', `docker-archive:${docker}`, `oci:${peer}:bench`], against: 'skopeo copy', atMost: 0.6, outputs, sizes: [ours, peer] },
    { name: 'load hybrid archive into the store', ours: imgkit('load', hybrid), peer: shell(`cp ${hybrid} ${peer} && openssl dgst -sha256 ${peer}`), against: 'cp, then openssl dgst', atMost: 1.6, outputs },
    // What the machine can do at best.
    { name: 'limit: verify docker archive', ours: imgkit('verify', docker), peer: shell(`cat ${docker} >/dev/null`), against: 'cat', outputs: [] },
    { name: 'limit: copy oci -> oci', ours: imgkit('copy', `oci:${oci}`, `oci:${ours}`), peer: shell(`cp -r ${oci} ${peer} && sync ${peer}/blobs/sha256/*`), against: 'cp, sync', outputs },
    { name: 'limit: copy docker-archive -> oci, gzip', ours: imgkit('copy', docker, `oci:${ours}`, '--compress', 'gzip'), peer: shell(`pigz -c ${docker} >${peer}`), against: 'pigz', outputs },
    { name: 'version', ours: [process.execPath, cli, '--version'], peer: [process.execPath, '-e', '0'], against: 'node -e 0', atMost: 1.5, outputs: [] },
    { name: 'list hybrid archive', ours: imgkit('list', hybrid), peer: [process.execPath, '-e', '0'], against: 'node -e 0', atMostOver: 40, outputs: [] },
    { name: 'inspect hybrid archive', ours: imgkit('inspect', hybrid), peer: [process.execPath, '-e', '0'], against: 'node -e 0', atMostOver: 40, outputs: [] },
  ];
}
