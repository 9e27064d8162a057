import test from 'ava';
import { distinctSelections } from '../../src/operations/distinct-selections.js';
import type { Selection } from '../../src/operations/selection.js';

const picked = (digest: string, names: readonly string[], meant: boolean): Selection => ({ root: { descriptor: { digest } }, names, meant }) as unknown as Selection;

test('what was picked twice comes once, with each of its names once, and as what the user named', (t) => {
  const [along, meant, more] = [picked('a', ['x:1'], false), picked('a', ['x:1'], true), picked('a', ['x:1', 'x:2'], true)];
  t.deepEqual(distinctSelections([along, meant, more]).map(({ names, meant: named }) => [names, named]), [[['x:1'], true], [['x:2'], true]]);
  t.deepEqual(distinctSelections([picked('a', [], false), picked('a', [], true)]).map((each) => each.meant), [true]);
  t.is(distinctSelections([picked('a', ['x:1'], true), picked('b', ['x:1'], true)]).length, 2);
});
