import type { ListedImage, ListedMember, ListResult } from '../../src/index.js';
import { escape } from './escape.js';
import { called, platformName, renderPinned, short } from './names.js';
import { table, type Row } from './table.js';
import { bytes, day } from './units.js';

const COLUMNS = [{ title: 'NAME' }, { title: 'ID' }, { title: 'PLATFORM' }, { title: 'CREATED' }, { title: 'SIZE', align: 'right' }, { title: 'DIGEST' }] as const;

/** A table like that of `docker images`; the members of an index are indented under it. */
export function renderList(result: ListResult, options: { readonly width: number | undefined; readonly full: boolean }): readonly string[] {
  const rows = result.images.flatMap((image) => imageRows(image, options));
  return table(COLUMNS, rows, options.full ? undefined : options.width);
}

/** What the star in the last column means, when there is one; and that there is nothing where there is nothing. */
export function listLegend(result: ListResult): readonly string[] {
  if (result.images.length === 0) return [result.location === 'store:' ? 'The store holds no images.' : `${escape(result.location)}: there are no images.`];
  if (result.images.some(unknownDigest)) return ['The engine tells no digests of manifests; imgkit digest docker-daemon:NAME does.'];
  const synthesized = result.images.some((image) => image.manifestOrigin === 'synthesized');
  return synthesized ? ['* manifest synthesized: a docker-save archive holds none, so this digest is not', '  the one of the publisher'] : [];
}

/** Where an engine lists its images, the ID stands for the digest, which it does not tell: not to be shown as one. */
function unknownDigest({ digest, imageId }: ListedImage): boolean {
  return digest === imageId;
}

/** What `--quiet` prints: pinned names, those of an engine bare. */
export function renderListQuiet(result: ListResult): readonly string[] {
  return result.images.flatMap((image) => (unknownDigest(image) && image.names.length > 0 ? image.names.map(escape) : renderPinned(image.names, image.digest)));
}

/** What a terminal shows of a tag that is a digest (signatures and other things about an image): nobody types it, and no line holds it. */
function shortTag(name: string): string {
  return name.replace(/:(sha(?:256|512)-[0-9a-f]{12})[0-9a-f]{52,116}(?=\.[\w-]+$|$)/, ':$1…');
}

function imageRows(image: ListedImage, { full, width }: { readonly full: boolean; readonly width: number | undefined }): readonly Row[] {
  const names = full || width === undefined ? called(image) : called(image).map(shortTag);
  const id = image.imageId === undefined ? '-' : full ? image.imageId : short(image.imageId);
  const what = image.platform === undefined && image.kind !== 'image' ? image.kind : platformName(image.platform);
  const digest = unknownDigest(image) ? '-' : `${full ? image.digest : short(image.digest)}${image.manifestOrigin === 'synthesized' ? '*' : ''}`;
  const rows = names.map((name) => [name, id, what, day(image.created), image.size === undefined ? '-' : bytes(image.size), digest]);
  const layers = (image.absentLayers ?? []).map((layer) => [`  @${full ? layer : short(layer)}`, '', 'layer', 'absent (legal: not for distribution)']);
  return [...rows, ...layers, ...(image.members ?? []).flatMap((member) => memberRows(member, full, '  '))];
}

function memberRows(member: ListedMember, full: boolean, indent: string): readonly Row[] {
  const name = `${indent}@${full ? member.digest : short(member.digest)}`;
  const state = member.present ? (member.kind === 'image' ? 'present' : member.kind) : 'absent (legal: partial copy)';
  return [[name, '', platformName(member.platform), state], ...(member.members ?? []).flatMap((each) => memberRows(each, full, `${indent}  `))];
}

/** Lines for the members of an index, used where there is no table. */
export function renderMembers(members: readonly ListedMember[]): readonly string[] {
  return members.flatMap((member) => [
    member.digest,
    `  ${platformName(member.platform)}, ${member.kind}${member.present ? '' : ', absent (legal: partial copy)'}`,
    ...renderMembers(member.members ?? []).map((line) => `  ${line}`),
  ]);
}
