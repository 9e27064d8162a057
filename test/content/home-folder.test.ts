import { isAbsolute } from 'node:path';
import test from 'ava';
import { homeFolder } from '../../src/content/home-folder.js';

test.serial('HOME, or what the system says: never the folder that one is in', (t) => {
  const before = process.env['HOME'];
  try {
    process.env['HOME'] = '/home/of/tests';
    t.is(homeFolder(), '/home/of/tests');
    process.env['HOME'] = '';
    t.true(isAbsolute(homeFolder()), homeFolder());
    delete process.env['HOME'];
    t.true(isAbsolute(homeFolder()), homeFolder());
  } finally {
    if (before === undefined) delete process.env['HOME'];
    else process.env['HOME'] = before;
  }
});
