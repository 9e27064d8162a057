import test from 'ava';
import { extract } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';
import { tarOf } from '../helpers/tar-entries.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const location = scratch.writeNow('image.tar', pack(hybridParts([named(image('x', { layers: [layer(tarOf({ path: 'a', body: '1', xattrs: new Map([['user.x', Buffer.from('1')]]) }))] }), 'x:1')])));

test('attributes that stay behind are named, with the way to keep them', async (t) => {
  const { notes } = await extract({ location, to: scratch.path('none') });
  t.deepEqual(notes, ['1 file lost extended attributes (capabilities may be among them): --xattrs keeps those of users, --preserve-owner all; imgkit export keeps them too']);
});

test('without setfattr they stay behind, and nothing else does', async (t) => {
  const { PATH } = process.env;
  process.env['PATH'] = scratch.path('no-such-folder');
  try {
    const { notes, files } = await extract({ location, to: scratch.path('missing'), xattrs: true });
    t.is(files, 1);
    t.deepEqual(notes, ['1 file lost extended attributes (capabilities may be among them): setfattr, which writes them, is not installed (package attr); imgkit export keeps them too']);
  } finally {
    process.env['PATH'] = PATH;
  }
});
