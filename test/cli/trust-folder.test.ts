import { mkdir, readFile } from 'node:fs/promises';
import test from 'ava';
import { keygen, sign, trustAdd } from '../../src/index.js';
import { makeScratch } from '../helpers/scratch.js';
import { imgkit } from './helpers.js';

// A change takes the place of the whole trust folder. Here the command runs in a folder with something that must stay.
const scratch = makeScratch();
const project = scratch.path('project');
test.before(async () => {
  await mkdir(project);
  await scratch.write('project/notes', Buffer.from('precious'));
  await keygen({ type: 'ssh', folder: scratch.path('keys') });
  await trustAdd({ folder: scratch.path('newer'), files: [scratch.path('keys/ssh.pub')], identity: 'owner@acme.example', asOwner: true });
  await sign({ files: [scratch.path('newer/trust.json')], key: scratch.path('keys/ssh') });
});
test.after.always(() => scratch.remove());

for (const { what, args, code, message } of [
  { what: 'add to a folder whose name is empty', args: ['add', '', '../keys/ssh.pub', '--identity', 'a@b'], code: 2, message: /empty/ },
  { what: 'update of a folder whose name is empty', args: ['update', '', '../newer'], code: 2, message: /empty/ },
  { what: 'removal from a folder whose name is empty', args: ['remove', '', 'notes'], code: 2, message: /empty/ },
  { what: 'update of the folder that one is in', args: ['update', '../project', '../newer', '--owner', '../keys/ssh.pub'], code: 2, message: /is the folder you are in/ },
  { what: 'add to the folder that one is in', args: ['add', '.', '../keys/ssh.pub', '--identity', 'a@b'], code: 2, message: /is the folder you are in/ },
]) {
  test.serial(`trust, ${what}: refused, and everything is still there`, async (t) => {
    const { code: exit, stderr } = await imgkit(['trust', ...args], { cwd: project });
    t.is(exit, code, stderr);
    t.regex(stderr, message);
    t.is(await readFile(scratch.path('project/notes'), 'utf8'), 'precious');
  });
}

test.serial('trust update takes the place of a trust folder only', async (t) => {
  const { code, stderr } = await imgkit(['trust', 'update', 'project', 'newer', '--owner', 'keys/ssh.pub'], { cwd: scratch.path('.') });
  t.is(code, 3, stderr);
  t.regex(stderr, /holds notes, which belongs to no trust folder/);
  t.is(await readFile(scratch.path('project/notes'), 'utf8'), 'precious');
});
