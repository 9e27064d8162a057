import test from 'ava';
import { isCms } from '../../../../src/crypto/encrypt/cms/detect-cms.js';
import { prepareCms } from '../../../../src/crypto/encrypt/cms/encrypt-cms.js';
import { readCertificateRecipients } from '../../../../src/crypto/encrypt/cms/read-certificate-recipients.js';
import { ImgkitError, isImgkitError } from '../../../../src/errors.js';
import { CMS_LIMITS } from '../../../../src/limits.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes } from '../../../content/bytes.js';
import { days, makeSigner, NOW, p256, rsa } from '../../pki.js';
import { opened, PARTIES, sealed } from './messages.js';

for (const size of [0, 1, 127, 128, 65_535, 65_536, 65_537, 1_000_001]) {
  test(`${size} bytes there and back, for both kinds of key`, async (t) => {
    const content = sampleBytes(size);
    const message = await sealed(content, [PARTIES.rsa, PARTIES.ec], 70_000);
    t.true(isCms(message));
    for (const party of [PARTIES.rsa, PARTIES.ec]) sameBytes(t, await opened(message, party), content);
    const refused = await rejectsWith(t, 'decryption-refused', opened(message, PARTIES.other));
    t.regex(refused.message, /for 2 recipients: none of the given keys is among them \(Other\)/);
  });
}

test('the size is known before', async (t) => {
  const cms = prepareCms(readCertificateRecipients([PARTIES.rsa.certificate], NOW));
  t.is((await collect(cms.encrypt(inPieces(sampleBytes(300)), 300, { name: 'x' }))).length, cms.size(300));
  await t.throwsAsync(collect(cms.encrypt(inPieces(sampleBytes(300)), 300, { name: 'x' })), { message: /one content only/ });
});

test('a file that grows or shrinks while it is read', async (t) => {
  for (const size of [299, 301]) {
    const cms = prepareCms(readCertificateRecipients([PARTIES.rsa.certificate], NOW));
    await rejectsWith(t, 'io-failed', collect(cms.encrypt(inPieces(sampleBytes(size)), 300, { name: 'x' })));
  }
  const large = prepareCms(readCertificateRecipients([PARTIES.rsa.certificate], NOW));
  await rejectsWith(t, 'limit-exceeded', collect(large.encrypt(inPieces(sampleBytes(1)), CMS_LIMITS.contentBytes + 1, { name: 'x' })));
});

test('every byte of a message counts: flipped, or cut behind it', async (t) => {
  const content = sampleBytes(40);
  for (const party of [PARTIES.rsa, PARTIES.ec]) {
    const message = await sealed(content, [party]);
    const harmless: number[] = [];
    for (let at = 0; at < message.length; at++) {
      const flipped = Buffer.from(message);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      const found = await opened(flipped, party).catch((error: unknown) => error);
      if (Buffer.isBuffer(found) && found.equals(content)) harmless.push(at);
      else if (!isImgkitError(found, 'ciphertext-malformed', 'decryption-refused', 'limit-exceeded')) t.fail(`byte ${at}: ${String(found)}`);
      const cut = await opened(message.subarray(0, at), party).catch((error: unknown) => error);
      if (!(cut instanceof ImgkitError)) t.fail(`cut at ${at}: ${String(cut)}`);
    }
    // Names of the recipient and version numbers are not what the key is found by; everything else is.
    t.true(harmless.every((at) => at < message.length - content.length - 18), String(harmless));
    t.true(harmless.length < 120, String(harmless.length));
    await rejectsWith(t, 'ciphertext-malformed', opened(Buffer.concat([message, Buffer.alloc(1)]), party));
  }
});

test('who may not be encrypted for', (t) => {
  const refuse = (making: Parameters<typeof makeSigner>[0], reason: RegExp): void => {
    const error = t.throws(() => readCertificateRecipients([makeSigner(making).certificate], NOW), { instanceOf: ImgkitError });
    t.is(error?.code, 'key-refused');
    t.regex(error?.message ?? '', reason);
  };
  refuse({}, /not for encryption: its key usage lacks keyAgreement/);
  refuse({ keys: rsa(2048) }, /not for encryption: its key usage lacks keyEncipherment/);
  refuse({ keys: rsa(1024), extensions: [] }, /RSA of 1024 bits/);
  refuse({ keys: p256(), extensions: [], until: days(-1) }, /is valid from/);
  refuse({ keys: p256(), extensions: [], from: days(1) }, /is valid from/);
  t.is(readCertificateRecipients([makeSigner({ extensions: [] }).certificate], NOW).length, 1);
  t.throws(() => prepareCms([]), { code: 'usage' });
});

test('what is no encrypted CMS', (t) => {
  for (const bytes of ['', '0', 'age-encryption.org/v1', '-----BEGIN CMS-----']) t.false(isCms(Buffer.from(bytes)));
  t.false(isCms(Buffer.from('3080060b2a864886f70d010702', 'hex')));
  t.true(isCms(Buffer.from('308006092a864886f70d010703a080', 'hex')));
  t.true(isCms(Buffer.from('3084000000ff06092a864886f70d010703a080', 'hex')));
});
