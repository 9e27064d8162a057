import test from 'ava';
import { createWorkspace } from '../helpers/imgkit.js';

test('in a folder that was deleted, whole paths work, and others end with a sentence and exit 6', async (t) => {
  const lab = await createWorkspace();
  t.teardown(() => lab.remove());
  await lab.shell('mkdir drop && tar -cf drop/root.tar bin');
  const inGone = (line: string): ReturnType<typeof lab.shell> => lab.shell(`here=$PWD; mkdir gone && cd gone && rmdir ../gone && ${line}`);
  const made = await inGone('imgkit import "$here/drop/root.tar" "$here/app.tar"');
  t.is(made.code, 0, made.stderr);
  const [extracted, fetched] = await Promise.all([inGone('imgkit extract "$here/app.tar" --to x'), lab.shell('here=$PWD; mkdir lost && cd lost && rmdir ../lost && imgkit fetch --insecure-accept-unchecked "file://$here/drop/root.tar"')]);
  t.is(extracted.code, 6);
  t.is(extracted.stderr, 'imgkit: The folder that you are in is gone; change to one that is there (cd), and run it again.\n');
  // Its lock was tried again for ever.
  t.is(fetched.code, 6);
  t.regex(fetched.stderr, /^imgkit: .* no such file or folder/);
});
