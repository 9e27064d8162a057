import test from 'ava';
import type { HttpResponse } from '../../src/network/http-client.js';
import { registryFailure } from '../../src/registry/failure.js';

/** Read as text. */
const nothing = (async function* () {})();
const answer = (status: number, body: unknown): HttpResponse => ({
  status, headers: new Map(), url: 'http://r.example/', body: nothing, lentBody: nothing, text: async () => JSON.stringify(body), discard: async () => undefined,
});
const codeOf = async (detail: unknown): Promise<string> => (await registryFailure(answer(500, { errors: [{ code: 'UNKNOWN', message: 'unknown error', detail }] }), { registry: 'r.example', doing: 'uploading' })).code;

test('a full disk is known by the words of the registry, or by the number of the system error', async (t) => {
  t.is(await codeOf('write /data/x: no space left on device'), 'remote-full');
  // As docker-registry 2.8 begins an upload on a disk that is full, and one whose quota is used up.
  t.is(await codeOf({ DriverName: 'filesystem', Enclosed: { Op: 'write', Path: '/data/_uploads/x/startedat', Err: 28 } }), 'remote-full');
  t.is(await codeOf({ DriverName: 'filesystem', Enclosed: { Op: 'write', Path: '/data/_uploads/x/startedat', Err: 122 } }), 'remote-full');
});

test('other trouble of its disk is not', async (t) => {
  t.is(await codeOf({ DriverName: 'filesystem', Enclosed: { Op: 'open', Path: '/data/"Err":28', Err: 13 } }), 'registry-failed');
  t.is(await codeOf({ DriverName: 'filesystem', Enclosed: { Op: 'open', Path: '/data', Err: 280 } }), 'registry-failed');
  t.is(await codeOf('its table is full'), 'registry-failed');
});

test('a repository that has to be made first is told of so', async (t) => {
  const { code, message } = await registryFailure(answer(404, { errors: [{ code: 'NAME_UNKNOWN', message: "The repository with name 'app' does not exist" }] }), { registry: 'r.example', doing: 'uploading' });
  t.is(code, 'registry-failed');
  t.regex(message, /does not exist\); it has no such repository; make it there first/);
});
