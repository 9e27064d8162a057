import test from 'ava';
import { readManifest } from '../../src/registry/read-manifest.js';
import { image, index, INDEX_TYPE } from '../helpers/image-builder.js';
import { send, startFakeRegistry } from '../helpers/registry.js';
import { limits, repositoryOf } from './lab.js';

// Whoever serves a registry from files, or through a web server, has no types for what it sends.
const app = image('app');
const multi = index([app.descriptor], [app]);
const sorted = (document: object): string => JSON.stringify(Object.fromEntries(Object.entries(document).toSorted(([a], [b]) => (a < b ? -1 : 1))));
const bare = (document: object): string => JSON.stringify({ ...document, mediaType: undefined });
const parsed = (bytes: Buffer | undefined): object => JSON.parse(String(bytes)) as object;
const manifestOf = parsed(app.blobs.get(app.descriptor.digest));
const indexOf = parsed(multi.blobs.get(multi.descriptor.digest));
const MANIFEST_TYPE = app.descriptor.mediaType;
const silent: readonly [name: string, document: string, type: string | undefined][] = [
  ['a manifest with sorted keys, so that its config comes first', sorted(manifestOf), MANIFEST_TYPE],
  ['a manifest without a media type of its own', bare(manifestOf), MANIFEST_TYPE],
  ['an index with sorted keys', sorted(indexOf), INDEX_TYPE],
  ['an index without a media type of its own', bare(indexOf), INDEX_TYPE],
  ['a config', bare({ schemaVersion: 2, config: 'x' }), undefined],
  ['another kind of document', JSON.stringify({ ...manifestOf, mediaType: 'application/vnd.example.v1+json' }), undefined],
];
for (const [name, document, type] of silent) {
  test(`a registry of static files that has ${name}`, async (t) => {
    const registry = await startFakeRegistry({ hook: (_, response) => (send(response, 200, document, { 'content-type': 'application/json' }), true) });
    const repository = repositoryOf(registry, 'app');
    const read = readManifest(repository, '1', limits);
    if (type === undefined) await t.throwsAsync(read, { code: 'registry-failed', message: /no manifest/ });
    else t.is((await read)?.mediaType, type);
    await repository.connection.close();
    await registry.close();
  });
}
