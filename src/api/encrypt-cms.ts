import { dirname } from 'node:path';
import { standardOutput } from '../../formats/locations/standard-output.js';
import { requireSpace } from '../content/free-space.js';
import { spool } from '../content/spool.js';
import { writeAtomic } from '../content/write-atomic.js';
import { prepareCms, tooLarge } from '../crypto/encrypt/cms/encrypt-cms.js';
import { readCertificateRecipients } from '../crypto/encrypt/cms/read-certificate-recipients.js';
import { ImgkitError } from '../errors.js';
import { CMS_LIMITS, SIGNING_LIMITS } from '../limits.js';
import { readBoundedFile } from '../operations/trust/read-bounded-file.js';
import type { EncryptOptions, EncryptResult } from './encrypt.js';
import { openPlainInput } from './plain-input.js';

/** {@link encrypt} with `format: 'cms'`. What comes on standard input is spooled: its length stands before it. */
export async function encryptCms({ recipients: paths = [], recipientsFiles, passphraseFile, passphrase, ...options }: EncryptOptions): Promise<EncryptResult> {
  const { input, output, signal, stdout } = options;
  if ((recipientsFiles ?? passphraseFile ?? passphrase) !== undefined) throw new ImgkitError('usage', 'CMS is encrypted for certificates only; name each with -r cert.pem, and leave out passphrases and files of recipients.');
  const files = await Promise.all(paths.map((path) => readBoundedFile(path, SIGNING_LIMITS.trustFileBytes, signal)));
  const certificates = readCertificateRecipients(files, new Date());
  const cms = prepareCms(certificates);
  const source = await openPlainInput(input, 'encrypt', options);
  try {
    const spooled = source.size === undefined ? await spool(source.name, bounded(source.chunks, source.name), { signal }) : undefined;
    try {
      const plainBytes = spooled?.size ?? (source.size as number);
      if (plainBytes > CMS_LIMITS.contentBytes) throw tooLarge(source.name, plainBytes);
      const bytes = cms.size(plainBytes);
      const sealed = cms.encrypt(spooled?.stream(undefined, signal) ?? source.chunks, plainBytes, { name: source.name, signal });
      if (output === '-') {
        await standardOutput(sealed, stdout ?? process.stdout, signal);
      } else {
        await requireSpace(dirname(output), bytes);
        await writeAtomic(output, sealed, signal);
      }
      return { input, output, recipients: certificates.map(({ subject, fingerprint }) => `${subject.text} (SHA-256 ${fingerprint})`), plainBytes, bytes };
    } finally {
      await spooled?.close();
    }
  } finally {
    await source.close();
  }
}

async function* bounded(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > CMS_LIMITS.contentBytes) throw tooLarge(name, size);
    yield chunk;
  }
}
