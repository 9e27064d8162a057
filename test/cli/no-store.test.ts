import { existsSync } from 'node:fs';
import test from 'ava';
import { createWorkspace } from '../helpers/imgkit.js';

test('commands that only look make no store where there is none', async (t) => {
  const lab = await createWorkspace();
  t.teardown(() => lab.remove());
  const listed = await lab.imgkit(['list']);
  t.deepEqual([listed.code, listed.stdout.split('\n').length], [0, 2], listed.stderr);
  t.regex(listed.stderr, /no images/);
  t.deepEqual((await lab.json<{ images: unknown[] }>(['list'])).images, []);
  for (const args of [['inspect', 'app:1'], ['export', 'app:1', '-o', 'out.tar'], ['tag', 'app:1', 'app:2'], ['save', 'app:1', '-o', 'app.tar'], ['rm', 'app:1']]) {
    const { code, stderr } = await lab.imgkit(args);
    t.is(code, 1, `${args.join(' ')}: ${stderr}`);
    t.regex(stderr, /no such image in the store/, args.join(' '));
  }
  const collected = await lab.imgkit(['gc']);
  t.is(collected.code, 0, collected.stderr);
  t.false(existsSync(lab.home));
});
