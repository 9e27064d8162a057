import { arch, platform as nodePlatform } from 'node:process';
import type { Descriptor, Platform } from '../content/descriptor.js';
import { ImgkitError } from '../errors.js';
import { isAttestation } from './image-index.js';

const PART = /^[A-Za-z0-9_.-]+$/;
/** With the version of the system, as containerd and Docker write it: `windows(10.0.20348.2227)`. */
const OS = /^([A-Za-z0-9_.-]+?)(?:\(([A-Za-z0-9_.-]+)\))?$/;
/** What may stand alone, as for Docker: of other words nobody knows which half of a platform they are. */
const SYSTEMS = new Set(['linux', 'windows', 'darwin', 'freebsd']);
const ARCHITECTURES = new Set(['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x', 'riscv64', 'loong64', 'mips64le', 'mips64', 'mipsle', 'mips', 'ppc64', 'wasm']);
/** Other spellings of an architecture, with the variant they imply. */
const ALIASES: ReadonlyMap<string, readonly [string, string?]> = new Map<string, readonly [string, string?]>([
  ['x86_64', ['amd64']], ['x86-64', ['amd64']], ['i386', ['386']], ['i686', ['386']],
  ['aarch64', ['arm64']], ['armhf', ['arm', 'v7']], ['armel', ['arm', 'v6']],
]);
const FROM_NODE: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'], ['arm64', 'arm64'], ['arm', 'arm/v7'], ['ia32', '386'], ['ppc64', 'ppc64le'], ['s390x', 's390x'],
  ['riscv64', 'riscv64'], ['loong64', 'loong64'],
]);
const HOST_SYSTEM = nodePlatform === 'win32' ? 'windows' : 'linux';
const HOST_ARCHITECTURE = FROM_NODE.get(arch) ?? arch;
/** The variant meant when none is given (containerd/platforms). */
const DEFAULT_VARIANTS: ReadonlyMap<string, string> = new Map([['arm', 'v7'], ['arm64', 'v8'], ['amd64', 'v1']]);

/**
 * Parses `OS[(VERSION)]/ARCH[/VARIANT]`, lower-cased and with Go's names for the architecture. One half alone, as Docker takes it, goes
 * with the other one of this machine. Throws `platform-invalid`.
 */
export function parsePlatform(text: string): Platform {
  const [first = '', ...others] = whole(text.toLowerCase()).split('/');
  const [, os, build] = OS.exec(first) ?? [];
  const [named = '', variant] = others;
  if (os === undefined || others.length === 0 || others.length > 2 || !others.every((part) => PART.test(part))) {
    throw new ImgkitError('platform-invalid', `${JSON.stringify(text.slice(0, 80))} is not a platform; write OS/ARCH[/VARIANT], such as linux/arm64.`, { found: text.slice(0, 80) });
  }
  const [architecture, implied] = ALIASES.get(named) ?? [named];
  const chosen = variant ?? implied;
  // A bare 8 or 7 is common on command lines.
  return { os, architecture, ...(chosen && { variant: /^\d/.test(chosen) ? `v${chosen}` : chosen }), ...(build && { 'os.version': build }) };
}

/** `text`, of which there may be one half, with both. */
function whole(text: string): string {
  if (SYSTEMS.has(text.replace(/\([^/]*\)$/, ''))) return `${text}/${HOST_ARCHITECTURE}`;
  return ARCHITECTURES.has(text) || ALIASES.has(text) ? `${HOST_SYSTEM}/${text}` : text;
}

/** `linux/arm64/v8`; parts that are empty are `unknown`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os || 'unknown', architecture || 'unknown', ...(variant ? [variant] : [])].join('/');
}

/** As {@link formatPlatform}, with the version of the system where it is known: `windows(10.0.20348.2227)/amd64`. What {@link parsePlatform} reads. */
export function formatPlatformFully(platform: Platform): string {
  const { os, 'os.version': build } = platform;
  return formatPlatform(build === undefined || os === '' ? platform : { ...platform, os: `${os}(${build})` });
}

/** What containers on this machine run: linux everywhere but on Windows (macOS runs them in a Linux VM). */
export function hostPlatform(): Platform {
  return parsePlatform(`${HOST_SYSTEM}/${HOST_ARCHITECTURE}`);
}

/**
 * The descriptor of an index that fits `wanted` best: the closest variant, the first among equals. A machine runs what has its
 * system and architecture, and a variant no newer than its own (arm/v7 runs v6 and v5, amd64/v3 runs v2); a wanted `os.version`
 * must be had, build number included. Attestations and descriptors without a platform are passed over; undefined when nothing fits.
 */
export function selectPlatform(descriptors: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  let best: { readonly descriptor: Descriptor; readonly distance: number } | undefined;
  for (const descriptor of descriptors) {
    if (descriptor.platform === undefined || isAttestation(descriptor)) continue;
    const distance = score(wanted, descriptor.platform);
    if (distance !== undefined && (best === undefined || distance < best.distance)) best = { descriptor, distance };
  }
  return best?.descriptor;
}

/** How far `have` is behind `wanted`, 0 for the same; undefined when it does not run. */
function score(wanted: Platform, have: Platform): number | undefined {
  const [want, got] = [normalise(wanted), normalise(have)];
  if (want.os !== got.os || want.architecture !== got.architecture) return undefined;
  if (!sameBuild(wanted['os.version'], have['os.version'])) return undefined;
  if (want.variant === got.variant) return 0;
  const [newest, older] = [version(want.variant), version(got.variant)];
  return newest !== undefined && older !== undefined && older < newest ? newest - older : undefined;
}

function normalise({ os, architecture, variant }: Platform): { os: string; architecture: string; variant: string } {
  const [name, implied] = ALIASES.get(architecture.toLowerCase()) ?? [architecture.toLowerCase()];
  const chosen = variant?.toLowerCase() || implied || DEFAULT_VARIANTS.get(name) || '';
  return { os: os.toLowerCase(), architecture: name, variant: /^\d/.test(chosen) ? `v${chosen}` : chosen };
}

/** `v8` is 8, `v8.1` is 8.1. */
function version(variant: string): number | undefined {
  const digits = /^v(\d+(?:\.\d+)?)$/.exec(variant)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Windows containers need the host's build, the first three parts of the version; the revision may differ. */
function sameBuild(wanted: string | undefined, have: string | undefined): boolean {
  if (wanted === undefined) return true;
  return have !== undefined && wanted.split('.').slice(0, 3).join('.') === have.split('.').slice(0, 3).join('.');
}
