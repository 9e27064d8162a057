import { basename } from 'node:path';
import { ImgkitError } from '../src/errors.js';
import type { Archive } from './archive.js';

/** Tells the dialect family by the control files. Throws `format-unknown`, saying what is missing and what it might be. */
export function detectFormat(archive: Archive): 'docker-archive' | 'oci-archive' | 'hybrid' {
  const { index, location: file } = archive;
  const docker = index.resolve('manifest.json') !== undefined;
  const oci = index.resolve('index.json') !== undefined && index.resolve('oci-layout') !== undefined;
  if (docker && oci) return 'hybrid';
  if (oci) return 'oci-archive';
  if (docker) return 'docker-archive';
  if (index.resolve('repositories') !== undefined) {
    throw new ImgkitError('format-unknown', `${file}: an archive of Docker before 1.10 (repositories without manifest.json); load it there and save it again with a newer Docker.`, { file });
  }
  if (index.resolve('index.json') !== undefined) {
    throw new ImgkitError('format-unknown', `${file}: has index.json and no oci-layout, so it is not a complete OCI image layout; make or copy it again.`, { file });
  }
  throw new ImgkitError('format-unknown', `${file}: neither manifest.json (docker save) nor oci-layout and index.json (OCI) is in this tar, so it is not an image archive. ${perhaps(archive)}`, { file });
}

/** What a tar that is no archive of images might be. */
function perhaps({ index }: Archive): string {
  const inFolder = index.entries.find(({ path }) => /^[^/]+\/(?:manifest\.json|oci-layout)$/.test(path));
  if (inFolder !== undefined) return `${basename(inFolder.path)} is there in a folder, so the tar was made of the folder and not of what is in it: unpack it, and make it again with tar -C FOLDER -cf NEW.tar .`;
  const looksLikeRoot = ['etc', 'usr', 'bin'].some((name) => index.entries.some(({ path }) => path === name || path.startsWith(`${name}/`)));
  return looksLikeRoot ? 'It looks like a root filesystem: imgkit import makes an image of it.' : 'Check that it is the right file.';
}
