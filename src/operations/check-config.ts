import { ImgkitError } from '../errors.js';
import type { ClosureImage } from '../image/closure.js';
import type { ImageConfig } from '../image/config.js';
import { checkCounts } from '../image/counts.js';
import type { Finding } from '../image/finding.js';

/** Whether config, manifest and index say the same about an image: its platform, its number of layers. Every check gives a finding. */
export function checkConfig(config: ImageConfig, { descriptor, manifest }: ClosureImage): readonly Finding[] {
  const { platform } = descriptor;
  const agrees = platform === undefined || (platform.os === config.os && platform.architecture === config.architecture);
  const says = `${config.os || 'no os'}/${config.architecture || 'no architecture'}`;
  const message = agrees ? `${says}, syntax right` : `the config says ${says}, the index ${platform.os}/${platform.architecture}`;
  return [
    { check: 'config', status: agrees ? 'ok' : 'failed', subject: manifest.config.digest, message },
    ...checkCounts(config, manifest.layers.length, descriptor.digest),
  ];
}

/** As {@link checkConfig}, for those who cannot go on. Throws `document-malformed`, naming `file`. */
export function requireConsistent(config: ImageConfig, image: ClosureImage, file: string): void {
  const failed = checkConfig(config, image).find(({ status }) => status === 'failed');
  if (failed === undefined) return;
  const { subject: entry, message, expected, found } = failed;
  throw new ImgkitError('document-malformed', `${file}: ${entry}: ${message.replace(/\.$/, '')}; the image contradicts itself; get it again from who made it.`, { file, entry, expected, found });
}
