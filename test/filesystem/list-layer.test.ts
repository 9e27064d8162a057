import test from 'ava';
import fc from 'fast-check';
import { listLayer } from '../../src/filesystem/list-tree.js';
import { comparePaths } from '../../src/filesystem/path-order.js';
import { changes } from './layers.js';

// Names that are the beginning of others, and sort before and after a slash.
const name = fc.constantFrom('a', 'a-b', 'ab', 'a.', 'b', 'name-of-more-than-twelve', 'name-of-more-than-twelve-units');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const hidden = path.map((at) => at.replace(/[^/]*$/, (last) => `.wh.${last}`));
const opaque = path.map((at) => `${at}/.wh..wh..opq`);

/** The path that an entry of the layer is listed under. */
function listed(at: string): string {
  return at.endsWith('/.wh..wh..opq') ? at.slice(0, -'/.wh..wh..opq'.length) : at.replace(/\.wh\.([^/]*)$/, '$1');
}

test('property: a layer is listed name by name, a folder before what is in it', (t) => {
  fc.assert(fc.property(fc.array(fc.oneof(path, hidden, opaque), { maxLength: 12 }), fc.oneof(fc.constant(''), path), (entries, below) => {
    const found = [...listLayer(changes(0, entries), below)].map((entry) => entry.path.slice(1));
    const expected = entries.map(listed).filter((at) => below === '' || at === below || at.startsWith(`${below}/`)).sort(comparePaths);
    t.deepEqual(found, expected);
  }));
});

test('entries of one path keep the order of the layer, what it hides comes last', (t) => {
  const found = [...listLayer(changes(0, ['b/.wh.a', 'b/a:1', 'b/a:2']), '')].map(({ path: at, type, size }) => `${at} ${type} ${size}`);
  t.deepEqual(found, ['/b/a file 1', '/b/a file 2', '/b/a whiteout 0']);
});
