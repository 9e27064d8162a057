import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { docker } from './dockerd.js';
import { runOrThrow } from './run.js';

/** What `docker create` itself makes or touches; the rest of a container comes from the image. */
export const OF_THE_ENGINE = /^(?:\.dockerenv|dev\/.*|proc\/|sys\/|etc\/(?:hosts|hostname|mtab|resolv\.conf)?)$/;

/**
 * Everything in a new container of `image`: per entry its type, mode, owner, size, time, link target, and the digest of a
 * file's content. Times of what the engine makes are left out.
 */
export async function containerListing(host: string, image: string, folder: string): Promise<readonly string[]> {
  const id = (await docker(host, ['create', '--network', 'none', image, '/bin/true'])).trim();
  const tar = join(folder, `${id}.tar`);
  try {
    await docker(host, ['export', '--output', tar, id]);
    return await tarListing(tar);
  } finally {
    await docker(host, ['rm', '--force', id]);
    await rm(tar, { force: true });
  }
}

/** The same of a tar; security attributes, which an engine's tar holds too, with their sizes. */
export async function tarListing(tar: string): Promise<readonly string[]> {
  const verbose = await runOrThrow('tar', ['--list', '-vvv', '--xattrs', '--xattrs-include=security.*', '--full-time', '--numeric-owner', '--quoting-style=literal', '--file', tar], { env: { LC_ALL: 'C.UTF-8', TZ: 'UTC0' } });
  // An attribute has a line of its own below its entry; with --utc tar leaves it out.
  const listing = verbose.replace(/^([^ ]{10})\*/gm, '$1 ').replaceAll('\n  x:', ' x:');
  const contents = await runOrThrow('tar', ['--extract', '--file', tar, '--to-command', 'printf "%s %s\\n" "$(sha256sum | cut -c1-64)" "$TAR_FILENAME"']);
  return [...listing.trimEnd().split('\n').map(withoutEngineTime), ...contents.trimEnd().split('\n')].sort();
}

function withoutEngineTime(line: string): string {
  const match = /^(\S+ +\S+ +\S+) \S+ \S+ (.*)$/.exec(line);
  if (match === null) throw new Error(`tar lists ${JSON.stringify(line)}`);
  const [, head, name = ''] = match;
  return OF_THE_ENGINE.test(name.replace(/ (?:->|link to) .*$/, '')) ? `${head} ${name}` : line;
}
