import fc from 'fast-check';
import test, { type ExecutionContext } from 'ava';
import { isImgkitError } from '../../src/errors.js';
import { decide } from '../../src/policy/decide.js';
import type { SignatureFact } from '../../src/policy/facts.js';
import { parsePolicy } from '../../src/policy/parse-policy.js';
import { DEFAULT_POLICY, type Policy } from '../../src/policy/policy.js';

const AT = new Date('2026-06-01T00:00:00Z');
const DIGEST = `sha256:${'0'.repeat(64)}`;
const sig = (identity: string | undefined, keyId: string, more: Partial<SignatureFact> = {}): SignatureFact => ({ format: 'ssh', keyId, identity, ...more });
const policy = (value: unknown): Policy => parsePolicy(Buffer.from(JSON.stringify(value)), 'policy.json');
const rules = (repositories: object, fallback: unknown = 'reject'): Policy => policy({ version: 1, default: fallback, repositories });
const allowed = (given: Policy, names: readonly string[], archive: readonly SignatureFact[] = [], own: readonly SignatureFact[] = []): boolean =>
  decide(given, { at: AT, archive, images: [{ names, digest: DIGEST, signatures: own }] }).allowed;

test('without a policy file one trusted signature is needed', (t) => {
  t.false(allowed(DEFAULT_POLICY, ['app:1']));
  t.true(allowed(DEFAULT_POLICY, ['app:1'], [sig('a', 'k')]));
  t.true(allowed(DEFAULT_POLICY, [], [], [sig(undefined, 'k')]));
  t.false(decide(DEFAULT_POLICY, { at: AT, archive: [sig('a', 'k')], images: [] }).allowed);
});

test('the most specific pattern wins', (t) => {
  const given = rules({ 'r.example/*': 'reject', 'r.example/team/*': { signedBy: ['a'] }, 'r.example/team/free': 'accept' });
  t.true(allowed(given, ['r.example/team/free:1']));
  t.false(allowed(given, ['r.example/team/app:1']));
  t.true(allowed(given, ['r.example/team/app:1'], [sig('a', 'k')]));
  t.false(allowed(given, ['r.example/teams/app:1'], [sig('a', 'k')]));
  t.false(allowed(given, ['r.example/team:1'], [sig('a', 'k')]));
  t.false(allowed(given, ['other.example/team/free'], [sig('a', 'k')]));
});

test('short and full names are one', (t) => {
  const given = rules({ 'docker.io/library/app': 'accept' });
  for (const name of ['app', 'app:1', 'docker.io/app:2', 'index.docker.io/library/app', `app@${DIGEST}`]) t.true(allowed(given, [name]), name);
});

test('a host is one in every spelling, so that none leads to a weaker rule', (t) => {
  const given = rules({ 'r.example/*': 'reject', 'r.example:5000/*': { signedBy: ['a'] }, 'docker.io/library/app': 'reject', 'LOCAL/*': 'reject' }, 'accept');
  for (const name of ['r.example/x', 'R.EXAMPLE/x:1', 'r.example:443/x', 'R.Example:0443/x/y', 'DOCKER.IO/app', 'docker.io:443/library/app', 'registry-1.docker.io/library/app', 'Index.Docker.io/app:1', 'R.example:5000/x', 'LOCAL/app']) t.false(allowed(given, [name]), name);
  for (const name of ['r.example:444/x', 'r.example.com/x', 'docker.io/local/app', 'registry-2.docker.io/library/app']) t.true(allowed(given, [name]), name);
});

test('every name of an image must be allowed, and every image', (t) => {
  const given = rules({ 'docker.io/library/a': 'accept' });
  t.false(allowed(given, ['a:1', 'b:1']));
  const images = [{ names: ['a:1'], digest: DIGEST, signatures: [] }, { names: [], digest: DIGEST, signatures: [] }];
  t.deepEqual(decide(given, { at: AT, archive: [], images }).images.map((image) => image.allowed), [true, false]);
  t.false(decide(given, { at: AT, archive: [], images }).allowed);
});

test('a person may be named by any of their names, and stays one', (t) => {
  const both = [sig('a', 'k', { names: ['b', '0123456789ABCDEF'] })];
  const by = (...signedBy: readonly string[]): boolean => allowed(rules({ 'docker.io/library/app': { signedBy, threshold: signedBy.length } }), ['app'], both);
  t.deepEqual([by('a'), by('b'), by('c'), by('a', 'b'), by('0123456789ABCDEF')], [true, true, false, false, false]);
});

test('a threshold counts people with keys of their own', (t) => {
  const given = rules({ 'docker.io/library/app': { signedBy: ['a', 'b', 'c'], threshold: 2 } });
  t.false(allowed(given, ['app'], [sig('a', 'k1'), sig('a', 'k2')]));
  t.false(allowed(given, ['app'], [sig('a', 'k1'), sig('b', 'k1')]));
  t.false(allowed(given, ['app'], [sig('a', 'k1'), sig('x', 'k2')]));
  t.true(allowed(given, ['app'], [sig('a', 'k1')], [sig('b', 'k2')]));
  // One key is listed by identity and by key ID: still one signer.
  t.false(allowed(rules({ 'docker.io/library/app': { signedBy: ['a', 'k1'], threshold: 2 } }), ['app'], [sig('a', 'k1')]));
  // a must leave k1 to b and take k2.
  t.true(allowed(given, ['app'], [sig('a', 'k1'), sig('a', 'k2'), sig('b', 'k1')]));
});

test('one key counts once, in however many formats it signs', (t) => {
  const given = rules({ 'docker.io/library/app': { signedBy: ['a', 'b'], threshold: 2 }, 'docker.io/library/any': { threshold: 2 } });
  const [first, second] = [sig('a', 'SHA256:x', { thumbprint: 'k' }), sig('b', 'CN=b (sha256:cd)', { format: 'cms', thumbprint: 'k' })];
  t.false(allowed(given, ['app'], [first, second]));
  t.false(allowed(given, ['any'], [first], [second]));
  t.true(allowed(given, ['any'], [first, { ...second, thumbprint: 'l' }]));
});

test('who is called as a key is called is not that key', (t) => {
  const names = [`SHA256:${'x'.repeat(43)}`, `sha256:${'ab'.repeat(32)}`, `CN=Release (sha256:${'ab'.repeat(32)})`, '6A51BBABBA3D5467B6171221809650FB3C7D17A0', '6a51 bbab ba3d 5467 b617  1221 8096 50fb 3c7d 17a0', 'C0FFEE00C0FFEE00', 'A'.repeat(64)];
  for (const name of names) t.false(allowed(rules({ 'docker.io/library/app': { signedBy: [name] } }), ['app'], [sig(name, 'another', { format: 'cms' })]), name);
  t.true(allowed(rules({ 'docker.io/library/app': { signedBy: ['C0FFEE00C0FFEE00'] } }), ['app'], [sig('release', 'C0FFEE00C0FFEE00', { format: 'minisign' })]));
});

test('a certificate may be named by its fingerprint', (t) => {
  const given = rules({ 'docker.io/library/app': { signedBy: ['sha256:ab'] } });
  t.true(allowed(given, ['app'], [sig('x', 'CN=y (sha256:ab)')]));
  t.false(allowed(given, ['app'], [sig('x', 'CN=(sha256:ab), O=z (sha256:cd)')]));
});

test('formats and age restrict', (t) => {
  const given = rules({ 'docker.io/library/app': { formats: ['cms'], maxAgeDays: 10 } });
  const cms = (claimedAt?: Date): SignatureFact => sig('a', 'k', { format: 'cms', claimedAt });
  t.true(allowed(given, ['app'], [cms(new Date('2026-05-25T00:00:00Z'))]));
  t.false(allowed(given, ['app'], [cms(new Date('2026-05-01T00:00:00Z'))]));
  t.false(allowed(given, ['app'], [cms()]));
  t.false(allowed(given, ['app'], [sig('a', 'k', { claimedAt: AT })]));
});

test('a refusal says what was found, what was needed, and what to do', (t) => {
  const given = rules({ 'docker.io/library/app': { signedBy: ['a', 'b'], threshold: 2 } });
  const { images: [image], remedy } = decide(given, { at: AT, archive: [sig('a', 'k')], images: [{ names: ['app:1'], digest: DIGEST, signatures: [] }] });
  t.is(image?.found, 'a (ssh)');
  t.is(image?.needed, 'signatures by 2 of a, b');
  t.regex(remedy ?? '', /policy\.json, rule docker\.io\/library\/app/);
});

test('more signatures never make a refusal of an acceptance, and order means nothing', (t) => {
  const names = fc.constantFrom('a', 'b', 'c');
  const signature = fc.record({ identity: names, keyId: fc.constantFrom('k1', 'k2', 'k3') }).map(({ identity, keyId }) => sig(identity, keyId));
  const requirement = fc.record({ signedBy: fc.uniqueArray(names, { minLength: 1 }), threshold: fc.integer({ min: 1, max: 3 }) }).filter(({ signedBy, threshold }) => threshold <= signedBy.length);
  t.notThrows(() => fc.assert(fc.property(requirement, fc.array(signature, { maxLength: 6 }), signature, (wanted, given, more) => {
    const asked = rules({ 'docker.io/library/app': wanted });
    const before = allowed(asked, ['app'], given);
    // What the words say, tried out: some choice of names and keys, all different.
    const choose = (left: readonly string[], keys: ReadonlySet<string>): number => {
      const [name, ...rest] = left;
      if (name === undefined) return 0;
      const taking = given.filter(({ identity, keyId }) => identity === name && !keys.has(keyId)).map(({ keyId }) => 1 + choose(rest, new Set([...keys, keyId])));
      return Math.max(choose(rest, keys), ...taking);
    };
    return before === (choose(wanted.signedBy, new Set()) >= wanted.threshold)
      && before === allowed(asked, ['app'], given.toReversed())
      && (!before || allowed(asked, ['app'], [...given, more]));
  })));
});

function refuses(t: ExecutionContext, value: unknown, says: RegExp): void {
  const error = t.throws(() => (typeof value === 'string' ? parsePolicy(Buffer.from(value), 'policy.json') : policy(value)));
  t.true(isImgkitError(error, 'document-malformed'), String(error));
  t.regex(error.message, says);
}

test('a policy is read strictly', (t) => {
  const app = (requirement: unknown): object => ({ version: 1, default: 'reject', repositories: { 'docker.io/library/app': requirement } });
  refuses(t, {}, /no field version/);
  refuses(t, { version: 2, default: 'reject' }, /version 2/);
  refuses(t, { version: 1 }, /no field default/);
  refuses(t, { version: 1, default: 'allow' }, /must be "accept", "reject"/);
  refuses(t, { version: 1, default: 'reject', repos: {} }, /"repos", which is not known/);
  refuses(t, app({ treshold: 2 }), /"treshold", which is not known/);
  refuses(t, app({ Threshold: 2 }), /differs from the field threshold only by case/);
  refuses(t, app({ signedBy: ['a'], threshold: 2 }), /can never be met/);
  refuses(t, app({ threshold: 0 }), /asks for nothing/);
  refuses(t, app({ signedBy: [] }), /at least one/);
  refuses(t, app({ signedBy: ['a', 'a'] }), /different names/);
  refuses(t, app({ formats: ['pgp'] }), /field formats/);
  refuses(t, app({ maxAgeDays: 0 }), /maxAgeDays/);
  refuses(t, app({ signedBy: null }), /is null; leave it out/);
  refuses(t, '{"version":1,"default":"reject","default":"accept"}', /twice/);
  for (const pattern of ['app', 'docker.io/app', 'Docker.io/App', 'r.example/app:1', '*', 'r.example/*/app', 'r.example/team*', '', 'r.example/']) {
    refuses(t, { version: 1, default: 'reject', repositories: { [pattern]: 'accept' } }, /has the repository/);
  }
  t.notThrows(() => rules({ 'docker.io/*': 'accept', 'docker.io/library/*': 'accept', 'localhost:5000/*': 'accept' }));
});
