import { digestOf } from '../../src/content/digest.js';
import { isImgkitError } from '../../src/errors.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { redirectTarget } from '../../src/network/http-redirect.js';
import { createCredentialFinder } from '../../src/registry/auth/find-credentials.js';
import { blobStream } from '../../src/registry/blob-stream.js';
import { Connection } from '../../src/registry/connection.js';
import { listTags } from '../../src/registry/list-tags.js';
import { PullPlaces } from '../../src/registry/pull-places.js';
import { headManifest, readManifest } from '../../src/registry/read-manifest.js';
import { readReferrers } from '../../src/registry/read-referrers.js';
import { registryAddress } from '../../src/registry/registry-address.js';
import { Repository } from '../../src/registry/repository.js';
import { uploadBlob } from '../../src/registry/upload-blob.js';
import { image } from '../helpers/image-builder.js';
import { answeringClient, script, SCRIPT_JSON, SCRIPT_ORDER } from './fuzz-answers.js';
import { BYTES } from './fuzz-bytes.js';
import { fuzzFile } from './fuzz-folder.js';
import { JSON_CHANGES } from './fuzz-json.js';
import { drain, pieces, textTarget, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';

const BLOB = Buffer.from('the bytes of a blob');
const DIGEST = digestOf(BLOB, 'sha256');
const CHALLENGE = '401\nwww-authenticate: Bearer realm="https://registry.example:5000/token?a=1",service="x",scope="repository:app:pull"\n\n{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository"}]}]}';
const TOKEN = '200\n\n{"token":"abc.def","expires_in":300,"access_token":"x"}';
const CHANGES = [...SCRIPT_JSON, ...SCRIPT_JSON, SCRIPT_ORDER, ...TEXT, ...BYTES];

/** What a registry answers, with everything that reads it above HTTP itself: challenges, tokens, errors, manifests, pages, ranges, uploads. */
export function registryTargets(): readonly FuzzTarget[] {
  const app = image('app', {});
  const manifest = `200\ncontent-type: ${app.descriptor.mediaType}\ndocker-content-digest: ${app.descriptor.digest}\n\n${Buffer.from(app.manifest).toString('utf8')}`;
  const descriptor = JSON.stringify({ ...app.descriptor, artifactType: 'application/x', annotations: { a: 'b' } });
  return [
    textTarget('registry-manifest', [script(CHALLENGE, TOKEN, manifest), script('500\n\n', '429\nretry-after: 1\n\n', manifest)], CHANGES, (text) => withRepository(text, (repository) => readManifest(repository, '1', DEFAULT_LIMITS))),
    textTarget('registry-head', [script(`200\ncontent-type: ${app.descriptor.mediaType}; charset=utf-8\ndocker-content-digest: ${DIGEST}\n\n`), script('200\n\n', manifest), script('307\nlocation: /v2/elsewhere?x\n\n', manifest)], CHANGES, (text) => withRepository(text, (repository) => headManifest(repository, '1', DEFAULT_LIMITS))),
    textTarget('registry-tags', [script('200\nlink: </v2/app/tags/list?n=2&last=b>; rel="next"\n\n{"name":"app","tags":["a","b"]}', '200\n\n{"tags":["c"]}'), '404\n\n{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}'], CHANGES, (text) => withRepository(text, (repository) => listTags(repository, DEFAULT_LIMITS))),
    textTarget('registry-referrers', [script(`200\nlink: <?page=2>; rel="next"\n\n{"schemaVersion":2,"manifests":[${descriptor}]}`, '200\n\n{"manifests":[]}'), script('404\n\n', `200\ncontent-type: application/vnd.oci.image.index.v1+json\n\n{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[${descriptor}]}`)], CHANGES, (text) => withRepository(text, (repository) => readReferrers(repository, DIGEST, DEFAULT_LIMITS))),
    textTarget('registry-blob', [script('200\n\nthe byt', `206\ncontent-range: bytes 7-18/19\n\n${BLOB.toString('utf8').slice(7)}`), `200\n\n${BLOB.toString('utf8')}`], CHANGES, (text) => withRepository(text, (repository) => drain(blobStream({ places: new PullPlaces([repository]), digest: DIGEST, size: BLOB.length })))),
    textTarget('registry-upload', [script('202\nlocation: /v2/app/blobs/uploads/1?state=x\noci-chunk-min-length: 5\n\n', '202\n\n', '201\n\n'), script('202\nlocation: https://registry.example:5000/u/1\n\n', '416\nlocation: u/2\nrange: 0-3\n\n', '204\nrange: bytes=0-3\nlocation: u/3\n\n', '202\n\n', `201\ndocker-content-digest: ${DIGEST}\n\n`)], CHANGES, (text) => withRepository(text, (repository) => uploadBlob({ repository, digest: DIGEST, size: undefined, open: () => pieces(BLOB, 4) }))),
    textTarget('redirect', ['https://host/a?x=1', '//host/b', '../c', '/d#e', 'http://me:secret@host/'], [...TEXT, ...BYTES], (text) => redirectTarget(302, text, new URL('https://registry.example:5000/v2/x?y'))),
    textTarget('docker-config', [`{"auths":{"registry.example:5000":{"auth":"${Buffer.from('me:secret').toString('base64')}"},"https://registry.example:5000/v2/":{"username":"a","password":"b"},"x":{"identitytoken":"t"}},"HttpHeaders":{},"credsStore":"","proxies":{}}`], [...JSON_CHANGES, ...TEXT, ...BYTES], credentialsIn),
  ];
}

async function withRepository(text: string, work: (repository: Repository) => Promise<unknown>): Promise<void> {
  const connection = new Connection({
    address: registryAddress('registry.example:5000'), network: {}, createClient: () => Promise.resolve(answeringClient(text)), wait: () => Promise.resolve(),
    findCredentials: () => Promise.resolve({ kind: 'password', username: 'me', password: 'secret' }),
  });
  try {
    await work(new Repository(connection, 'app'));
  } finally {
    await connection.close();
  }
}

async function credentialsIn(text: string): Promise<void> {
  // Helpers are programs: none is on that path.
  const find = createCredentialFinder({ environment: { REGISTRY_AUTH_FILE: await fuzzFile('config.json', text), PATH: '/nowhere' } });
  for (const repository of ['', 'team/app']) {
    try {
      await find(registryAddress('registry.example:5000'), repository);
    } catch (error) {
      if (!isImgkitError(error)) throw error;
      if (error.message.includes('secret')) throw new TypeError(`the message shows a secret: ${error.message}`, { cause: error });
    }
  }
}
