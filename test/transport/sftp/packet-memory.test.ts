import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import test from 'ava';
import type { Client } from 'ssh2';
import { reusePacketMemory } from '../../../src/transport/sftp/packet-memory.js';

interface Cipher {
  allocPacket(payloadLength: number): Buffer;
  encrypt(packet: Buffer): void;
}

/** Those of the `ssh2` that is installed. */
const { CIPHER_INFO, createCipher, createDecipher } = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js') as {
  readonly CIPHER_INFO: Readonly<Record<string, { readonly keyLen: number; readonly ivLen: number }>>;
  createCipher(config: object): Cipher;
  createDecipher(config: object): { decrypt(data: Buffer, start: number, end: number): void };
};

for (const name of ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']) {
  test(`${name}: packets that are sent late are those that were made, with memory that is used again`, (t) => {
    const sent: Buffer[] = [];
    const { cipher, received } = pair(name, (data) => sent.push(data));
    const before = cipher.allocPacket;
    reusePacketMemory({ _protocol: { _cipher: cipher } } as unknown as Client);
    t.not(cipher.allocPacket, before, 'this ssh2 keeps its ciphers elsewhere');
    t.is(cipher.allocPacket(100).buffer, cipher.allocPacket(100).buffer);
    t.not(cipher.allocPacket(40_000).buffer, cipher.allocPacket(100).buffer, 'ssh2 makes none that is so large');
    const payloads = [...Array.from({ length: 300 }, (_, i) => i), 1000, 32_768 + 9, 32_768 + 9, 5].map((length) => randomBytes(length));
    for (const payload of payloads) {
      const packet = cipher.allocPacket(payload.length);
      packet.set(payload, 5);
      cipher.encrypt(packet);
    }
    // As a socket does that could not take them before.
    t.deepEqual(received(Buffer.concat(sent)), payloads);
  });
}

test('a cipher that may keep what it is given stays as it is', (t) => {
  const { cipher } = pair('aes128-ctr', () => undefined);
  const before = cipher.allocPacket;
  reusePacketMemory({ _protocol: { _cipher: cipher } } as unknown as Client);
  t.is(cipher.allocPacket, before);
  t.notThrows(() => reusePacketMemory({} as Client));
});

/** A cipher, and what the other side makes of its bytes. */
function pair(name: string, onWrite: (data: Buffer) => void) {
  const info = CIPHER_INFO[name] ?? { keyLen: 0, ivLen: 0 };
  const [key, iv] = [randomBytes(info.keyLen), randomBytes(info.ivLen)];
  const mac = { sslName: 'sha256', len: 32, actualLen: 32, isETM: true };
  const macKey = randomBytes(32);
  const cipher = createCipher({ outbound: { seqno: 0, onWrite, cipherInfo: info, cipherKey: Buffer.from(key), cipherIV: Buffer.from(iv), macInfo: mac, macKey } });
  const received = (bytes: Buffer): readonly Buffer[] => {
    const payloads: Buffer[] = [];
    const onPayload = (payload: Buffer): void => void payloads.push(Buffer.from(payload));
    createDecipher({ inbound: { seqno: 0, onPayload, decipherInfo: info, decipherKey: Buffer.from(key), decipherIV: Buffer.from(iv), macInfo: mac, macKey } }).decrypt(bytes, 0, bytes.length);
    return payloads;
  };
  return { cipher, received };
}
