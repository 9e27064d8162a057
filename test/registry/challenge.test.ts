import test from 'ava';
import { parseChallenges } from '../../src/registry/auth/challenge.js';

const read = (header: string): unknown => parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

const cases: readonly [name: string, header: string, expected: unknown][] = [
  ['bearer', 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"', [['bearer', { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull,push' }]]],
  ['basic', 'Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
  ['two in one value', 'Bearer realm="https://a/t", service=s, Basic realm="x, y"', [['bearer', { realm: 'https://a/t', service: 's' }], ['basic', { realm: 'x, y' }]]],
  ['quotes and commas in a quoted string', 'Basic realm="a \\"b\\", c=d"', [['basic', { realm: 'a "b", c=d' }]]],
  ['names in any case, spaces around the equals sign', 'BEARER Realm = "r" , SERVICE = s', [['bearer', { realm: 'r', service: 's' }]]],
  ['a scheme without parameters, then another', 'Negotiate, Basic realm="x"', [['negotiate', {}], ['basic', { realm: 'x' }]]],
  ['a scheme with a bare token, then another', 'Negotiate YII=, Basic realm="x"', [['negotiate', {}], ['basic', { realm: 'x' }]]],
  ['a parameter given twice: the first counts', 'Bearer realm="a",realm="b"', [['bearer', { realm: 'a' }]]],
  ['a quoted string without end', 'Bearer service="s",realm="https://a', [['bearer', { service: 's' }]]],
  ['nothing', '', []],
  ['commas', ' , ,, ', []],
  ['rubbish', '"=;', []],
];

for (const [name, header, expected] of cases) {
  test(name, (t) => t.deepEqual(read(header), expected));
}

test('a header of any length ends', (t) => {
  t.true(parseChallenges(`Bearer ${'a="b",'.repeat(200_000)}`).length <= 2);
});
