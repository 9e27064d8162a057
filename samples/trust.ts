// Loads only what a trust folder allows: a CA, a certificate for the one who signs, and a policy for each repository.
import { writeFile } from 'node:fs/promises';
import { isImgkitError, keygen, load, sign, trustAdd } from '../src/index.js';
import { makeImage } from './make-image.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image, storeFolder }) => {
  // The sender: a CA that stays at home, and a key with its certificate for releases.
  await keygen({ type: 'x509', ca: 'new', folder: path('keys'), name: 'ca', subject: 'CN=Acme Archive CA, O=Acme' });
  await keygen({ type: 'x509', ca: { certificate: path('keys/ca.crt'), key: path('keys/ca.key') }, folder: path('keys'), name: 'release', emails: ['release@acme.example'] });
  await sign({ files: [image.output], key: path('keys/release.key'), certificate: path('keys/release.crt') });

  // The receiver: the CA's certificate, and what has to be signed by whom.
  const policy = { version: 1, default: 'reject', repositories: { 'docker.io/library/hello': { signedBy: ['release@acme.example'] } } };
  await writeFile(path('policy.json'), JSON.stringify(policy));
  await trustAdd({ folder: path('trust'), files: [path('keys/ca.crt'), path('policy.json')] });

  const admission = { trust: path('trust') };
  const { images } = await load({ from: image.output, storeFolder, admission });
  console.log(`loaded ${images[0]?.names.join(', ')}`);

  const unsigned = await makeImage({ output: path('unsigned.tar'), version: '1.3.0' });
  try {
    await load({ from: unsigned.output, storeFolder, admission });
  } catch (error) {
    if (!isImgkitError(error)) throw error;
    console.log(`refused ${unsigned.name}: ${error.code}`);
  }
});
