import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, layerTar, pack } from '../helpers/image-builder.js';
import { peakKilobytes } from '../faults/store-load.js';
import { encodeHeader } from '../../src/tar/encode-header.js';
import { withWorkspace, type Campaign } from './campaign.js';

/** More than this, in kilobytes, is not flat: Node alone takes about 60,000. */
const MOST_KILOBYTES = 400_000;

/** 500 images in one store: listed, verified, collected. */
export const manyCampaign: Campaign = ({ say }) => withWorkspace(async (workspace) => {
  const images = Array.from({ length: 500 }, (_, i) => named(image(`n${i}`, { layers: [layer(layerTar('base')), layer(layerTar(`n${i}`))] }), `n${i}:1`));
  for (let at = 0; at < images.length; at += 100) {
    await writeFile(workspace.path('some.tar'), pack(hybridParts(images.slice(at, at + 100))));
    await workspace.ok(['load', workspace.path('some.tar')]);
  }
  const listed = (await workspace.ok(['list', 'store:', '--quiet'])).trim().split('\n').length;
  const peaks = [await peakKilobytes(workspace, ['verify', 'store:']), await peakKilobytes(workspace, ['gc']), await peakKilobytes(workspace, ['list', 'store:'])];
  say(`${listed} images; peak memory of verify, gc, list: ${peaks.join(', ')} KB`);
  return [...(listed === 500 ? [] : [`${listed} of 500 images are listed`]), ...tooMuch(peaks)];
});

/** An image of 127 layers, the most that Docker takes: there and back. */
export const deepCampaign: Campaign = ({ say }) => withWorkspace(async (workspace) => {
  const tar = workspace.path('deep.tar');
  await writeFile(tar, pack(hybridParts([named(image('deep', { layers: Array.from({ length: 127 }, (_, i) => layer(layerTar(`layer${i}`))) }), 'deep:1')])));
  const peaks = [await peakKilobytes(workspace, ['load', tar]), await peakKilobytes(workspace, ['save', 'deep:1', '-o', workspace.path('out.tar')]), await peakKilobytes(workspace, ['files', workspace.path('out.tar')])];
  await workspace.ok(['verify', workspace.path('out.tar')]);
  say(`127 layers; peak memory of load, save, files: ${peaks.join(', ')} KB`);
  return tooMuch(peaks);
});

/** A layer of 200,000 files. */
export const wideCampaign: Campaign = ({ say }) => withWorkspace(async (workspace) => {
  const tar = workspace.path('wide.tar');
  const handle = await open(tar, 'w');
  for (let folder = 0; folder < 200; folder += 1) {
    const blocks: Uint8Array[] = [];
    for (let i = 0; i < 1000; i += 1) blocks.push(encodeHeader({ path: `d${folder}/file-with-a-name-${i}`, size: 0, mode: 0o644 }));
    await handle.write(Buffer.concat(blocks));
  }
  await handle.write(Buffer.alloc(1024));
  await handle.close();
  const peaks = [await peakKilobytes(workspace, ['import', tar, 'wide:1']), await peakKilobytes(workspace, ['verify', 'wide:1'])];
  const names = (await peakKilobytes(workspace, ['files', 'wide:1', '--quiet']));
  say(`200,000 files; peak memory of import, verify: ${peaks.join(', ')} KB; of files, which holds all names: ${names} KB`);
  return tooMuch(peaks);
});

/** An archive of one layer of 20 GB that is all holes: verified, listed, its files told. */
export const hugeCampaign: Campaign = ({ say }) => withWorkspace(async (workspace) => {
  const size = 20 * 1024 ** 3;
  const inner = encodeHeader({ path: 'zeros', size, mode: 0o644 });
  const length = inner.length + size + 1024;
  const hash = createHash('sha256').update(inner);
  const zeros = Buffer.alloc(1024 * 1024);
  for (let left = size + 1024; left > 0; left -= zeros.length) hash.update(zeros.subarray(0, Math.min(left, zeros.length)));
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] } }));
  const manifest = Buffer.from(JSON.stringify([{ Config: 'config.json', RepoTags: ['huge:1'], Layers: ['layer.tar'] }]));
  const file = workspace.path('huge.tar');
  const handle = await open(file, 'w');
  let at = 0;
  for (const [path, body, size] of [['manifest.json', manifest, manifest.length], ['config.json', config, config.length], ['layer.tar', inner, length]] as const) {
    const header = encodeHeader({ path, size, mode: 0o644 });
    await handle.write(Buffer.concat([header, body]), 0, header.length + body.length, at);
    at += header.length + Math.ceil(size / 512) * 512;
  }
  await handle.truncate(at + 1024);
  await handle.close();
  const peaks = [await peakKilobytes(workspace, ['verify', file]), await peakKilobytes(workspace, ['list', file]), await peakKilobytes(workspace, ['files', file])];
  say(`20 GB; peak memory of verify, list, files: ${peaks.join(', ')} KB`);
  return tooMuch(peaks);
});

function tooMuch(peaks: readonly number[]): readonly string[] {
  return peaks.filter((peak) => peak > MOST_KILOBYTES).map((peak) => `${peak} KB of memory`);
}
