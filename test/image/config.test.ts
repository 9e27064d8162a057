import test from 'ava';
import { stringifyCanonical, type JsonWritable } from '../../src/content/json-write.js';
import { parseConfig, type ImageConfig } from '../../src/image/config.js';
import { checkCounts } from '../../src/image/counts.js';
import { DEFAULT_LIMITS, resolveLimits } from '../../src/limits.js';

const diffId = `sha256:${'a'.repeat(64)}`;
const minimal = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [diffId] } };
const parse = (value: object): ImageConfig => parseConfig(Buffer.from(JSON.stringify(value)), 'config x', DEFAULT_LIMITS);

/** As `docker save` of Docker 20.10 writes it, shortened. */
const docker = {
  architecture: 'arm', variant: 'v7', os: 'linux', docker_version: '20.10.24', container: 'abc', created: '2024-01-02T03:04:05Z',
  config: {
    Hostname: '', AttachStdin: false, ExposedPorts: { '80/tcp': {} }, Env: ['PATH=/bin', 'A=b=c'], Cmd: ['sh', '-c', 'x'],
    Image: 'sha256:0', Volumes: null, WorkingDir: '', Entrypoint: null, OnBuild: null, Labels: { a: '1', A: '2', ['__proto__']: 'x' },
    Healthcheck: { Test: ['CMD', 'true'], Interval: 30_000_000_000 }, StopSignal: 'SIGQUIT', User: 'nobody',
  },
  container_config: { Hostname: 'x', Cmd: null },
  rootfs: { type: 'layers', diff_ids: [diffId] },
  history: [
    { created: '2024-01-02T03:04:05Z', created_by: 'ADD file', author: 'me', comment: 'c' },
    { created_by: 'CMD', empty_layer: true },
  ],
};

test('reads Docker\'s config and ignores what it does not know', t => {
  const image = parse(docker);
  t.is(image.architecture, 'arm');
  t.is(image.variant, 'v7');
  t.deepEqual(image.config.Env, ['PATH=/bin', 'A=b=c']);
  t.deepEqual(image.config.Cmd, ['sh', '-c', 'x']);
  t.false('Entrypoint' in image.config);
  t.false('WorkingDir' in image.config);
  t.deepEqual(image.config.ExposedPorts, ['80/tcp']);
  t.deepEqual([...image.config.Labels.keys()], ['a', 'A', '__proto__']);
  t.deepEqual(image.config.Healthcheck, { Test: ['CMD', 'true'], Interval: 30_000_000_000 });
  t.deepEqual(image.history, [
    { created: '2024-01-02T03:04:05Z', createdBy: 'ADD file', author: 'me', comment: 'c', emptyLayer: false },
    { createdBy: 'CMD', emptyLayer: true },
  ]);
});

test('raw keeps the whole document', t => {
  t.is(stringifyCanonical(parse(docker).raw as JsonWritable), JSON.stringify(docker));
});

test('null is missing everywhere it may be', t => {
  const image = parse({ ...minimal, created: null, author: null, config: null, history: null, rootfs: { type: 'layers', diff_ids: null } });
  t.deepEqual(image.diffIds, []);
  t.deepEqual(image.history, []);
  t.deepEqual(image.config.Env, []);
  t.is(image.created, undefined);
});

for (const [name, change, code] of [
  ['no rootfs', { rootfs: undefined }, 'document-malformed'],
  ['another rootfs type', { rootfs: { type: 'base', diff_ids: [] } }, 'document-malformed'],
  ['a malformed diffID', { rootfs: { type: 'layers', diff_ids: ['sha256:1'] } }, 'digest-malformed'],
  ['a diffID that is no string', { rootfs: { type: 'layers', diff_ids: [null] } }, 'digest-malformed'],
  ['a twin of rootfs', { RootFS: { type: 'layers', diff_ids: [] } }, 'document-malformed'],
  ['a twin of diff_ids', { rootfs: { type: 'layers', diff_ids: [], Diff_IDs: [diffId] } }, 'document-malformed'],
  ['a twin of Entrypoint', { config: { Entrypoint: ['a'], entrypoint: ['b'] } }, 'document-malformed'],
  ['Env that is no list', { config: { Env: { A: 'b' } } }, 'document-malformed'],
  ['a label that is no string', { config: { Labels: { a: 1 } } }, 'document-malformed'],
  ['empty_layer that is no boolean', { history: [{ empty_layer: 'true' }] }, 'document-malformed'],
] as const) {
  test(`refuses ${name}`, t => {
    const error = t.throws(() => parse({ ...minimal, ...change }), { code });
    t.regex(error?.message ?? '', /^config x/);
  });
}

test('refuses a config beyond its limit', t => {
  t.throws(() => parseConfig(Buffer.from('{}'), 'c', resolveLimits({ configBytes: 1 })), { code: 'limit-exceeded' });
});

test('counts fit, or say how they do not', t => {
  t.deepEqual(checkCounts(parse(docker), 1, 'img').map(f => f.status), ['ok', 'ok']);
  t.deepEqual(checkCounts(parse(minimal), 1, 'img').map(f => f.status), ['ok']);
  const [diffIds, history] = checkCounts(parse(docker), 2, 'img');
  t.like(diffIds, { check: 'counts', status: 'failed', subject: 'img', expected: '1', found: '2' });
  t.is(history?.status, 'failed');
});
