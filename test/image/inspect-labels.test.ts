import test from 'ava';
import { inspectLabels } from '../../src/image/inspect-labels.js';

test('OCI labels win, label-schema fills in, contradictions are named', t => {
  const facts = inspectLabels(new Map([
    ['org.label-schema.version', '1'], ['org.opencontainers.image.version', '2'], ['org.label-schema.vcs-ref', 'abc'],
    ['org.opencontainers.image.vendor', 'v'], ['org.label-schema.vendor', 'v'], ['org.opencontainers.image.title', ''],
    ['org.label-schema.name', 'app'], ['maintainer', 'me'], ['org.opencontainers.image.base.name', 'debian:12'], ['other', 'x'],
  ]));
  t.deepEqual(facts, [
    { name: 'title', value: 'app', label: 'org.label-schema.name', contradicts: [] },
    { name: 'version', value: '2', label: 'org.opencontainers.image.version', contradicts: ['org.label-schema.version'] },
    { name: 'revision', value: 'abc', label: 'org.label-schema.vcs-ref', contradicts: [] },
    { name: 'vendor', value: 'v', label: 'org.opencontainers.image.vendor', contradicts: [] },
    { name: 'authors', value: 'me', label: 'maintainer', contradicts: [] },
    { name: 'base name', value: 'debian:12', label: 'org.opencontainers.image.base.name', contradicts: [] },
  ]);
  t.deepEqual(inspectLabels(new Map()), []);
});
