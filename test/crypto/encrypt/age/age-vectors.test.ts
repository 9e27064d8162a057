import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inflateSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { decryptAge } from '../../../../src/crypto/encrypt/age/decrypt-age.js';
import { scryptIdentity } from '../../../../src/crypto/encrypt/age/scrypt.js';
import { x25519Identity } from '../../../../src/crypto/encrypt/age/x25519-recipient.js';
import { ImgkitError } from '../../../../src/errors.js';
import { inPieces } from '../../../content/bytes.js';

// The test vectors of the age format, from https://c2sp.org/CCTV/age (the hybrid ones left out): one JSON member per file.
const file = resolve(import.meta.dirname, '../../../../../test/fixtures/age-vectors.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;

interface Vector {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
}

function parse(bytes: Buffer): Vector {
  const end = bytes.indexOf('\n\n');
  const fields = new Map<string, string[]>();
  for (const line of bytes.toString('utf8', 0, end).split('\n')) {
    const [, key = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? [];
    fields.set(key, [...(fields.get(key) ?? []), value]);
  }
  const body = bytes.subarray(end + 2);
  return { fields, body: fields.get('compressed')?.[0] === 'zlib' ? inflateSync(body) : body };
}

/** What is released, and the code it ends with. */
async function decrypt({ fields, body }: Vector, piece: number): Promise<{ readonly sha256: string; readonly size: number; readonly outcome: string }> {
  const identities = [
    ...(fields.get('identity') ?? []).map((text) => x25519Identity(text, 'the vector')),
    ...(fields.get('passphrase') ?? []).map(scryptIdentity),
  ];
  const hash = createHash('sha256');
  let size = 0;
  let outcome = 'success';
  try {
    for await (const chunk of decryptAge(inPieces(body, piece), identities, { name: 'vector.age' })) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    if (!(error instanceof ImgkitError)) throw error;
    outcome = error.code;
  }
  return { sha256: hash.digest('hex'), size, outcome };
}

async function check(t: ExecutionContext, vector: Vector, piece: number): Promise<void> {
  const [expect = ''] = vector.fields.get('expect') ?? [];
  const [payload] = vector.fields.get('payload') ?? [];
  const { sha256, size, outcome } = await decrypt(vector, piece);
  const wanted = expect === 'success' ? ['success'] : expect === 'no match' ? ['decryption-refused'] : ['ciphertext-malformed', 'limit-exceeded'];
  t.true(wanted.includes(outcome), `${expect}, but ${outcome}`);
  if (payload === undefined) t.is(size, 0);
  else t.is(sha256, payload);
}

test('there are vectors of every kind', (t) => {
  const kinds = Object.values(vectors).map((text) => parse(Buffer.from(text, 'base64')).fields.get('expect')?.[0]);
  t.deepEqual([...new Set(kinds)].toSorted(), ['HMAC failure', 'armor failure', 'header failure', 'no match', 'payload failure', 'success']);
  t.true(kinds.length > 100);
});

for (const [name, text] of Object.entries(vectors)) {
  const vector = parse(Buffer.from(text, 'base64'));
  test(`${name}: whole, in pieces, byte by byte`, async (t) => {
    await check(t, vector, Math.max(1, vector.body.length));
    if (vector.body.length > 500_000) return;
    await check(t, vector, 1000);
    // scrypt takes a while each time, and bytes one by one take their time in large files.
    if (vector.body.length < 5000) await check(t, vector, 1);
  });
}
