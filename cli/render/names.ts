import type { Digest, Platform } from '../../src/index.js';
import { escape } from './escape.js';

/** A full reference as people write it: `docker.io/library/app:1` is `app:1`. */
export function familiar(name: string): string {
  return escape(name.replace(/^docker\.io\/(?:library\/(?=[^/]*$))?/, ''));
}

/** What an image is called: its names, else the bare ref name of a layout. */
export function called({ names, refName }: { readonly names: readonly string[]; readonly refName?: string | undefined }): readonly string[] {
  if (names.length > 0) return names.map(familiar);
  return [refName === undefined ? '<none>' : escape(refName)];
}

/** The first 12 hexadecimal digits, as docker shortens. */
export function short(digest: string): string {
  return escape(digest.replace(/^[a-z0-9]+:/, '').slice(0, 12));
}

/** `os[(version)]/architecture[/variant]`, as `--platform` takes it; what a config does not say is `unknown`. */
export function platformName(platform: Platform | undefined): string {
  if (platform === undefined) return '-';
  const { os, 'os.version': version, architecture, variant } = platform;
  const system = os === '' ? 'unknown' : os;
  return escape([version ? `${system}(${version})` : system, architecture === '' ? 'unknown' : architecture, ...(variant ? [variant] : [])].join('/'));
}

/** `NAME@DIGEST` for each name; the bare digest when there is none. */
export function renderPinned(names: readonly string[], digest: Digest): readonly string[] {
  return names.length === 0 ? [digest] : names.map((name) => `${escape(name)}@${digest}`);
}
