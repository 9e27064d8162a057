// Encrypts an archive for one receiver, as age does, and opens it again: into a file, and straight into the store.
import { readFile } from 'node:fs/promises';
import { decrypt, encrypt, isImgkitError, keygen, load, save } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image, storeFolder }) => {
  const { publicLine = '' } = await keygen({ type: 'age', folder: path('keys') });
  const secret = path('keys/age.agekey');

  const { recipients } = await encrypt({ input: image.output, output: path('hello.tar.age'), recipients: [publicLine] });
  console.log(`encrypted for ${recipients.length} receiver`);
  await decrypt({ input: path('hello.tar.age'), output: path('back.tar'), identities: [secret] });
  console.log(`the same bytes: ${(await readFile(path('back.tar'))).equals(await readFile(image.output))}`);

  // In one pass: `save` encrypts while it writes, `load` takes what is encrypted.
  await save({ images: [image.output], output: path('carry.tar.age'), encryption: { recipients: [publicLine] } });
  const { images } = await load({ from: path('carry.tar.age'), storeFolder, decryption: { identities: [secret] } });
  console.log(`loaded ${images[0]?.names.join(', ')}`);

  await keygen({ type: 'age', folder: path('keys'), name: 'somebody-else' });
  try {
    await load({ from: path('carry.tar.age'), storeFolder, decryption: { identities: [path('keys/somebody-else.agekey')] } });
  } catch (error) {
    if (!isImgkitError(error, 'decryption-refused')) throw error;
    console.log('nobody else can open it');
  }
});
