import test from 'ava';
import { semverTags } from '../../src/image/semver-tags.js';

for (const [tag, latest, tags] of [
  ['1.9.6', true, ['1.9', '1', 'latest']], ['1.9.6', false, ['1.9', '1']], ['v2.0.0', false, ['v2.0', 'v2']],
  ['0.3.1', false, ['0.3']], ['0.0.0', true, ['0.0', 'latest']], ['10.20.30', false, ['10.20', '10']],
] as const) {
  test(`${tag}${latest ? ' with latest' : ''} moves ${tags.join(', ')}`, t => t.deepEqual(semverTags(tag, { latest }), tags));
}

for (const [tag, says] of [
  ['1.9.6-rc.1', /pre-release/], ['1.9.6+5', /build/], ['1.9', /not a semantic version/], ['latest', /not a semantic/], ['01.2.3', /not a semantic/],
  ['1.2.3.4', /not a semantic/], ['V1.2.3', /not a semantic/], ['', /not a semantic/], ['1.2.3\n', /not a semantic/],
] as const) {
  test(`${JSON.stringify(tag)} moves nothing`, t => {
    t.regex(t.throws(() => semverTags(tag), { code: 'reference-invalid' })?.message ?? '', says);
  });
}
