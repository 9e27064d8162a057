import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { tempFolder } from '../../content/temp.js';
import { collect } from '../../content/bytes.js';
import { chunked, noise } from '../../contract/transport-harness.js';
import { makeAuthority, type Identity } from '../../network/certificates.js';
import { openFake } from './open-fake.js';

const authority = await makeAuthority();
const DAY = 86_400_000;

/** What nobody may be believed with. */
const BAD: readonly (readonly [title: string, identity: Promise<Identity>])[] = [
  ['for another host', authority.issue({ names: ['elsewhere.example'] })],
  ['that has expired', authority.issue({ notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) })],
  ['of somebody else', (await makeAuthority('somebody else')).issue()],
];

test('control and data connections of whom we may believe', async (t) => {
  const ca = join(await tempFolder(t), 'ca.pem');
  await writeFile(ca, authority.ca);
  const { server, transport } = await openFake(t, {}, { ca, identities: { control: await authority.issue(), data: await authority.issue() } });
  const bytes = noise(100_000);
  await transport.write('/pub/a', chunked(bytes), { size: bytes.length });
  t.true((await collect(transport.read('/pub/a'))).equals(bytes));
  t.true(server.commands.includes('PROT P'));
});

for (const [title, bad] of BAD) {
  test(`a certificate ${title} is refused: on the control connection before the login, on a data connection before any byte`, async (t) => {
    const ca = join(await tempFolder(t), 'ca.pem');
    await writeFile(ca, authority.ca);
    const [good, wrong] = [await authority.issue(), await bad];
    const first = await openFake(t, {}, { ca, identities: { control: wrong, data: good } });
    await t.throwsAsync(first.transport.stat('/pub'), { code: 'host-untrusted' });
    t.deepEqual(first.server.commands, []);

    const second = await openFake(t, {}, { ca, identities: { control: good, data: wrong } });
    second.server.files.set('/pub/a', noise(100_000));
    await t.throwsAsync(collect(second.transport.read('/pub/a')), { code: 'host-untrusted' });
    await t.throwsAsync(second.transport.write('/pub/b', chunked(noise(100_000)), { size: 100_000 }), { code: 'host-untrusted' });
    t.is(second.server.files.get('/pub/b')?.length ?? 0, 0);
  });
}
