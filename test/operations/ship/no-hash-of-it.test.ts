import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { sendFile, type Sent } from '../../../src/operations/ship/send-file.js';
import type { VerifyMode } from '../../../src/operations/ship/verify-remote.js';
import { faultyTransport, targetOf } from './faulty-transport.js';
import { delivered, lab, OPTIONS, SIZE, type Lab } from './send-lab.js';

/** To a server that computes hashes, but none of this file: for its size, or its name. */
async function send(given: Lab, verify: VerifyMode = 'auto'): Promise<Sent> {
  const transport = { ...faultyTransport(), hash: async () => undefined };
  return sendFile(given.file, await targetOf(transport, join(given.drop, 'app.tar')), { ...OPTIONS, verify });
}

test('where no hash is told of this file, its size counts, and a part is read back', async (t) => {
  const given = await lab(t);
  await writeFile(given.part, given.bytes.subarray(0, 700_000));
  const { status, proof, sentBytes, notes } = await send(given);
  t.deepEqual([status, proof, sentBytes], ['sent', 'size', SIZE - 700_000]);
  t.regex(notes.join(), /continued at byte 700000: the part file was read back, for the server computes no hash of it/);
  t.deepEqual(await send(given), { status: 'already-there', proof: 'size', sentBytes: 0, notes: [] });
  await delivered(t, given);
});

test('where a hash is asked for and none is told, that is said, and nothing has the name; what is there counts by all of its bytes', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(send(given, 'hash'), { code: 'location-unsupported', message: /no SHA-256 of this file; .*--verify readback/ });
  t.deepEqual((await readdir(given.drop)).filter((name) => !name.endsWith('.part')), []);
  t.is((await send(given, 'readback')).sentBytes, 0, 'what was sent is there');
  t.is((await send(given, 'hash')).proof, 'readback');
});
