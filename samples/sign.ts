// Signs an archive with an SSH key and checks it, before and after somebody changed the archive and its checksum.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isImgkitError, keygen, sign, verify, verifySignature } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  // In real life the key was made long ago, and the public half came to the receiver on another way.
  const { publicLine = '' } = await keygen({ type: 'ssh', folder: path('keys'), name: 'release' });
  await writeFile(path('allowed_signers'), `release@acme.example ${publicLine.split(' ').slice(0, 2).join(' ')}\n`);

  const { format, signed } = await sign({ files: [image.output], key: path('keys/release') });
  console.log(`${format} signature over ${signed[0]?.files.length} file`);

  const trust = { allowedSigners: [path('allowed_signers')], signedBy: 'release@acme.example' };
  const { signatures } = await verifySignature({ file: image.output, ...trust });
  console.log(`signed by ${signatures.map(({ identity }) => identity).join(', ')}`);
  // `verify` checks the signature first and then everything in the archive.
  console.log(`right: ${(await verify({ target: image.output, signed: trust })).ok}`);

  const bytes = await readFile(image.output);
  const at = bytes.indexOf('without a registry');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await writeFile(image.output, bytes);
  // Whoever can change the file can change its checksum too, but cannot sign it.
  await writeFile(`${image.output}.sha256`, `${createHash('sha256').update(bytes).digest('hex')}  hello.tar\n`);
  try {
    await verifySignature({ file: image.output, ...trust });
  } catch (error) {
    if (!isImgkitError(error)) throw error;
    console.log(`refused: ${error.code}`);
  }
});
