import test from 'ava';
import * as fc from 'fast-check';
import type { Digest } from '../../src/content/digest.js';
import { canonicalReference, familiarName, formatReference, parseReference, withDefaultTag, type Reference } from '../../src/image/reference.js';

const hex = 'a'.repeat(64);

for (const [text, full, short] of [
  ['nginx', 'docker.io/library/nginx', 'nginx'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
  ['library/nginx', 'docker.io/library/nginx', 'nginx'],
  ['docker.io/nginx', 'docker.io/library/nginx', 'nginx'],
  ['index.docker.io/a/b', 'docker.io/a/b', 'a/b'],
  ['a/b/c:d', 'docker.io/a/b/c:d', 'a/b/c:d'],
  ['docker.io/library/a/b', 'docker.io/library/a/b', 'library/a/b'],
  ['localhost/app', 'localhost/app', 'localhost/app'],
  ['localhost:5000/app:1', 'localhost:5000/app:1', 'localhost:5000/app:1'],
  ['host:5000/app', 'host:5000/app', 'host:5000/app'],
  ['Host/app', 'Host/app', 'Host/app'],
  ['[2001:db8::1]:5000/app', '[2001:db8::1]:5000/app', '[2001:db8::1]:5000/app'],
  ['quay.io/a__b/c-d.e---f_g:T_1.x-', 'quay.io/a__b/c-d.e---f_g:T_1.x-', 'quay.io/a__b/c-d.e---f_g:T_1.x-'],
  [`app@sha256:${hex}`, `docker.io/library/app@sha256:${hex}`, `app@sha256:${hex}`],
  [`app:1@sha256:${hex}`, `docker.io/library/app:1@sha256:${hex}`, `app:1@sha256:${hex}`],
  [`${hex}:1`, `docker.io/library/${hex}:1`, `${hex}:1`],
  // Shorter, these would be another registry, or an image ID.
  ['docker.io/localhost/x', 'docker.io/localhost/x', 'docker.io/localhost/x'],
  ['docker.io/a.b/x', 'docker.io/a.b/x', 'docker.io/a.b/x'],
  [`docker.io/library/${hex}`, `docker.io/library/${hex}`, `docker.io/library/${hex}`],
] as const) {
  test(`${text} is ${full}`, t => {
    const reference = parseReference(text);
    t.is(formatReference(reference), full);
    t.is(familiarName(reference), short);
    t.deepEqual(parseReference(full), reference);
  });
}

for (const [text, says] of [
  ['', /empty/], ['Nginx', /upper-case/], ['a/B', /upper-case/], [hex, /image ID/], [`sha256:${hex}`, /image ID/],
  ['a:', /tag/], ['a:-x', /tag/], [`a:${'t'.repeat(129)}`, /tag/], ['a:b c', /tag/], ['a b', /not an image name/],
  ['/a', /not an image name/], ['a/', /not an image name/], ['a//b', /not an image name/], ['-a', /not an image name/], ['a..b', /not an image name/],
  ['a___b', /not an image name/], ['../a', /host|not an image name/], ['docker.io/', /not an image name/],
  ['a@sha256:abc', /digest/], ['a@', /digest/], [`a@md5:${hex}`, /digest/], ['http://a/b', /host|not an image/],
  ['-host.x/a', /host/], ['host:port/a', /host/], [`${'a'.repeat(300)}`, /255/], ['a'.repeat(5_000), /longer than any/],
  ['a\n', /not an image name/], ['a:b\n', /tag/], ['é', /not an image name/],
] as const) {
  test(`refuses ${JSON.stringify(text.slice(0, 80))} (${says.source})`, t => {
    const error = t.throws(() => parseReference(text), { code: 'reference-invalid' });
    t.regex(error?.message ?? '', says);
    t.true((error?.message.length ?? 999) < 330);
  });
}

test('latest is added only where nothing else chooses', t => {
  t.is(withDefaultTag(parseReference('a')).tag, 'latest');
  t.is(withDefaultTag(parseReference('a:1')).tag, '1');
  t.is(withDefaultTag(parseReference(`a@sha256:${hex}`)).tag, undefined);
});

for (const [text, canonical] of [
  ['app:1', 'docker.io/library/app:1'],
  ['Index.Docker.io/app:1', 'docker.io/library/app:1'],
  ['registry-1.docker.io:443/library/app', 'docker.io/library/app'],
  ['R.example:0443/x/y@sha256:' + hex, 'r.example/x/y@sha256:' + hex],
  ['r.example:5000/x', 'r.example:5000/x'],
  ['[2001:DB8::1]:443/app', '[2001:db8::1]/app'],
  ['LOCALHOST/app', 'localhost/app'],
  // In small letters these would be repositories on docker.io.
  ['Local/app', 'Local/app'],
  ['docker/x:443', 'docker.io/docker/x:443'],
] as const) {
  test(`every spelling of ${canonical} is that: ${text}`, t => {
    const reference = canonicalReference(parseReference(text));
    t.is(formatReference(reference), canonical);
    t.deepEqual(canonicalReference(reference), reference);
    t.deepEqual(parseReference(canonical), reference);
  });
}

const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,6}){0,2}$/);
const reference: fc.Arbitrary<Reference> = fc.record({
  registry: fc.constantFrom('docker.io', 'localhost', 'localhost:5000', 'ghcr.io', '127.0.0.1:80', '[::1]:5000', 'Upper'),
  repository: fc.array(component, { minLength: 2, maxLength: 4 }).map(parts => parts.join('/')),
  tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,127}$/), { nil: undefined }),
  digest: fc.option(fc.constantFrom<Digest>(`sha256:${hex}`, `sha512:${hex}${hex}`), { nil: undefined }),
}).map(({ registry, repository, tag, digest }) => ({
  registry, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }),
}));

test('full and familiar names parse back', t => {
  fc.assert(fc.property(reference, ref => {
    t.deepEqual(parseReference(formatReference(ref)), ref);
    t.deepEqual(parseReference(familiarName(ref)), ref);
  }), { numRuns: 500 });
  t.pass();
});

test('whatever parses is stable, whatever does not says so', t => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'aZ09._-/:@[]', 'library', 'docker.io', hex) }), text => {
    let parsed: Reference;
    try {
      parsed = parseReference(text);
    } catch (error) {
      t.is((error as { code?: string }).code, 'reference-invalid');
      return;
    }
    t.deepEqual(parseReference(formatReference(parsed)), parsed);
    t.deepEqual(parseReference(familiarName(parsed)), parsed);
  }), { numRuns: 2_000 });
  t.pass();
});
