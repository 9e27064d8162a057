import type { TLSSocket } from 'node:tls';
import tls from 'node:tls';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { cipherOrder } from '../../src/network/cipher-order.js';
import { tempFolder } from '../content/temp.js';
import { makeAuthority } from './certificates.js';
import { serve } from './http-server.js';
import { cleanEnvironment, openClient } from './open-client.js';

cleanEnvironment();

test('a server that leaves the choice to us agrees on AES-128-GCM, whether or not an authority is named; one that insists gets its own', async (t) => {
  const { ca: pem, issue } = await makeAuthority();
  const ca = join(await tempFolder(t), 'ca.pem');
  await writeFile(ca, pem);
  const identity = await issue();
  const agreed = async (server: object, network: object): Promise<string> => {
    const { origin } = await serve(t, (request, response) => response.end((request.socket as TLSSocket).getCipher().standardName), { ...identity, ...server });
    return (await (await openClient(t, network, { insecure: true })).request({ method: 'GET', url: origin })).text();
  };
  for (const network of [{ ca }, {}]) {
    t.is(await agreed({ honorCipherOrder: false }, network), 'TLS_AES_128_GCM_SHA256');
    t.is(await agreed({ ciphers: 'TLS_AES_256_GCM_SHA384' }, network), 'TLS_AES_256_GCM_SHA384');
    t.regex(await agreed({ maxVersion: 'TLSv1.2' }, network), /^TLS_ECDHE_/);
  }
});

test.serial('the same suites as Node offers; and who chose others keeps them', (t) => {
  const { DEFAULT_CIPHERS } = tls;
  t.teardown(() => { tls.DEFAULT_CIPHERS = DEFAULT_CIPHERS; });
  t.deepEqual(cipherOrder().ciphers?.split(':').toSorted(), DEFAULT_CIPHERS.split(':').toSorted());
  tls.DEFAULT_CIPHERS = 'TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES256-GCM-SHA384';
  t.deepEqual(cipherOrder(), {});
});
