import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import type { VerifiedSignature } from '../../../src/crypto/sign/signature.js';
import { ImgkitError, fetch, keygen, sign, trustAdd } from '../../../src/index.js';
import { requireSomeRule } from '../../../src/operations/trust/require-some-rule.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { tempFolder } from '../../content/temp.js';

const AT = new Date('2026-06-01T00:00:00Z');
const by = (identity: string): VerifiedSignature => ({ format: 'ssh', keyId: `key of ${identity}`, identity, notes: [] });
const policy = (standard: unknown, app: unknown): Policy => parsePolicy(Buffer.from(JSON.stringify({ version: 1, default: standard, repositories: { 'docker.io/library/app': app } })), 'policy.json');

test('a file is let in that some rule would let in, whichever', (t) => {
  const two = policy('reject', { signedBy: ['a', 'b'], threshold: 2 });
  t.notThrows(() => requireSomeRule(two, [by('a'), by('b')], AT, 'app.tar'));
  t.notThrows(() => requireSomeRule(policy('reject', 'accept'), [], AT, 'app.tar'));
  t.notThrows(() => requireSomeRule(policy('accept', 'reject'), [], AT, 'app.tar'));
  const little = t.throws(() => requireSomeRule(two, [by('a')], AT, 'app.tar'), { instanceOf: ImgkitError });
  t.is(little?.code, 'policy-refused');
  t.regex(little?.message ?? '', /^app\.tar: no rule of policy\.json lets in what is signed so: found a \(ssh\), needed signatures by 2 of a, b; ask the sender/);
  t.regex(t.throws(() => requireSomeRule(policy('reject', 'reject'), [by('a')], AT, 'app.tar'))?.message ?? '', /needed nothing that could be given: every repository is rejected/);
});

test('fetch asks for that before it fetches', async (t) => {
  const folder = await tempFolder(t);
  const path = (...names: readonly string[]): string => join(folder, ...names);
  await writeFile(path('app.tar'), 'any bytes');
  await keygen({ type: 'ssh', folder: path('keys') });
  await sign({ files: [path('app.tar')], key: path('keys', 'ssh') });
  await trustAdd({ folder: path('trust'), files: [path('keys', 'ssh.pub')], identity: 'release@acme.example' });
  const get = (): ReturnType<typeof fetch> => fetch({ url: pathToFileURL(path('app.tar')).href, output: path('here.tar'), trust: { trust: path('trust') } });
  await writeFile(path('policy.json'), JSON.stringify({ version: 1, default: { signedBy: ['other@acme.example'] } }));
  await trustAdd({ folder: path('trust'), files: [path('policy.json')] });
  await t.throwsAsync(get(), { code: 'policy-refused', message: /no rule of .*policy\.json lets in/ });
  await writeFile(path('policy.json'), JSON.stringify({ version: 1, default: { signedBy: ['release@acme.example'] } }));
  await trustAdd({ folder: path('trust'), files: [path('policy.json')], force: true });
  t.is((await get()).status, 'fetched');
});
