import { chmod } from 'node:fs/promises';
import test from 'ava';
import { readPrivateKey } from '../../../src/transport/sftp/private-key.js';
import { makeScratch } from '../../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

test('who names the public key is told so, not that a secret is to be replaced', async (t) => {
  const path = scratch.writeNow('id_ed25519.pub', 'ssh-ed25519 AAAA me\n');
  await chmod(path, 0o644);
  await t.throwsAsync(readPrivateKey(path, async () => undefined), { code: 'key-malformed', message: /without \.pub/ } as object);
  const secret = scratch.writeNow('id_ed25519', 'x');
  await chmod(secret, 0o644);
  await t.throwsAsync(readPrivateKey(secret, async () => undefined), { code: 'key-exposed' } as object);
});
