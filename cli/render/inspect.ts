import type { InspectResult } from '../../src/index.js';
import { escape } from './escape.js';
import { renderMembers } from './list.js';
import { platformName } from './names.js';
import { bytes, count } from './units.js';
import { cut, padEnd } from './width.js';

/** `Image ID ` and a sha256 digest fill 80 columns exactly. */
const LABEL = 9;

/** Everything about one image; digests in full, diffIDs and commands cut to the width. */
export function renderInspect(result: InspectResult, options: { readonly width: number | undefined }): readonly string[] {
  const field = (label: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [`${padEnd(label, LABEL)}${value}`]);
  const text = (value: string | undefined): string | undefined => (value === undefined ? undefined : escape(value));
  const section = (title: string, lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]);
  const room = (options.width ?? Infinity) - 5;

  return [
    ...(result.names.length === 0 ? field('Name', text(result.refName) ?? '<none>') : result.names.flatMap((name, i) => field(i === 0 ? 'Name' : '', escape(name)))),
    ...field('Digest', result.digest),
    ...(result.manifestOrigin === 'synthesized' ? field('', 'manifest synthesized: docker archives hold none, so this digest is not') : []),
    ...(result.manifestOrigin === 'synthesized' ? field('', 'the one of the publisher') : []),
    ...field('Image ID', result.imageId),
    ...field('Kind', result.kind),
    ...field('Artifact', text(result.artifactType)),
    ...field('Type', text(result.mediaType)),
    ...field('Platform', result.platform === undefined ? undefined : platformName(result.platform)),
    ...field('Created', text(result.created)),
    ...field('Author', text(result.author)),
    ...field('Size', bytes(result.size)),
    ...field('From', `${escape(result.location)} (${escape(result.format)})`),
    ...section('About', result.about.map(({ field: name, value, from }) => `${escape(name)}: ${escape(value)} (${escape(from)})`)),
    ...section('Config', configLines(result.config)),
    ...section('Labels', mapLines(result.labels)),
    ...section('Annotations', mapLines(result.annotations)),
    ...section(
      count(result.layers.length, 'layer'),
      result.layers.flatMap((layer, i) => [
        `${padEnd(String(i + 1), 3)}${layer.descriptor.digest}`,
        `   ${bytes(layer.descriptor.size)}, ${escape(layer.descriptor.mediaType)}`,
        ...(layer.absent === true ? ['   absent (legal: its publisher does not let others distribute it)'] : []),
        ...(layer.diffId === undefined || layer.diffId === layer.descriptor.digest ? [] : [`   diffID ${cut(layer.diffId, room - 'diffID '.length)}`]),
        ...(layer.createdBy === undefined || layer.createdBy === '' ? [] : [`   ${cut(escape(layer.createdBy), room)}`]),
      ]),
    ),
    ...section('Members', (result.members ?? []).length === 0 ? [] : renderMembers(result.members ?? [])),
    ...section('Referrers', result.referrers.flatMap((referrer) => [referrer.digest, ...(referrer.artifactType === undefined ? [] : [`  ${escape(referrer.artifactType)}`])])),
  ];
}

/** The config section in its own words; what says nothing is left out. */
function configLines(config: unknown): readonly string[] {
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([key, value]: [string, unknown]) => {
    if (key === 'Labels' || isEmpty(value)) return [];
    if (key === 'Env' && Array.isArray(value)) return value.map((entry) => `Env: ${escape(String(entry))}`);
    return [`${escape(key)}: ${escape(typeof value === 'string' ? value : JSON.stringify(value))}`];
  });
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function mapLines(map: ReadonlyMap<string, string> | undefined): readonly string[] {
  return [...(map ?? [])].map(([key, value]) => `${escape(key)}: ${escape(value)}`);
}
