import test from 'ava';
import { parseDockerManifest } from '../../src/image/docker-manifest.js';
import { DEFAULT_LIMITS, resolveLimits } from '../../src/limits.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const parse = (text: string): ReturnType<typeof parseDockerManifest> => parseDockerManifest(bytes(text), 'a.tar: manifest.json', DEFAULT_LIMITS);

test('reads images, with null and missing lists', t => {
  t.deepEqual(parse('[{"Config":"c.json","RepoTags":["a:1","b:2"],"Layers":["l/layer.tar"]},{"Config":"d.json","RepoTags":null,"Layers":null},{"Config":"e.json"}]'), [
    { config: 'c.json', repoTags: ['a:1', 'b:2'], layers: ['l/layer.tar'] },
    { config: 'd.json', repoTags: [], layers: [] },
    { config: 'e.json', repoTags: [], layers: [] },
  ]);
  t.deepEqual(parse('null'), []);
});

test('reads LayerSources under any key', t => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const [item] = parse(JSON.stringify([{ Config: 'c', Layers: ['l'], LayerSources: { [digest]: { mediaType: 'm', digest, size: 1 } } }]));
  t.is(item?.layerSources?.get(digest)?.size, 1);
  t.deepEqual([...(parse('[{"Config":"c","LayerSources":null}]')[0] ?? {} as never).layers], []);
});

for (const text of [
  '{}', '"x"', '[1]', '[{}]', '[{"Config":""}]', '[{"Config":"a","Layers":[""]}]', '[{"Config":"a","Layers":[1]}]',
  '[{"Config":"A","config":"B"}]', '[{"Config":"A","Config":"B"}]', '[{"Config":"A","layers":["x"]}]', '[{"Config":"A"}]x',
  '[{"Config":"A","RepoTags":"a:1"}]',
]) {
  test(`refuses ${text}`, t => {
    t.throws(() => parse(text), { code: 'document-malformed', message: /^a\.tar: manifest\.json/ });
  });
}

test('refuses too many images or layers', t => {
  const limits = resolveLimits({ descriptors: 1 });
  t.throws(() => parseDockerManifest(bytes('[{"Config":"a"},{"Config":"b"}]'), 'm', limits), { code: 'limit-exceeded' });
  t.throws(() => parseDockerManifest(bytes('[{"Config":"a","Layers":["a","b"]}]'), 'm', limits), { code: 'limit-exceeded' });
});

test('a path with ./ before it is that of the same entry', (t) => {
  const [item] = parse('[{"Config":"./c.json","RepoTags":[],"Layers":["././l.tar","a/./b.tar",".//d.tar"]}]');
  t.is(item?.config, 'c.json');
  t.deepEqual(item?.layers, ['l.tar', 'a/./b.tar', 'd.tar']);
});
