import { randomFillSync } from 'node:crypto';
import type { Client } from 'ssh2';

/** A packet with the most data that ssh2 sends in one, 32 KiB, and what stands around it. */
const LARGEST = 33 * 1024;
/** Padding for a few hundred packets. */
const PADDING = 4096;

/** What `ssh2` keeps for AES-GCM. Another of its ciphers may keep what it is given. */
interface GcmCipher {
  readonly _encSSLName: string;
  allocPacket(payloadLength: number): Buffer;
  _onWrite(data: Buffer): void;
}

/**
 * Lets every packet that `client` sends be made in one piece of memory, which was encrypted into another before the next one is made. ssh2 takes
 * new memory for each, and asks for the random bytes of its padding one packet at a time: of the upload of a large file that was a seventh of
 * the processor time. For the keys in use: call it again for new ones. If another `ssh2`, or another cipher, works in another way, all stays as it is.
 */
export function reusePacketMemory(client: Client): void {
  const { _protocol: protocol } = client as unknown as { readonly _protocol?: { readonly _cipher?: Partial<GcmCipher> } };
  const cipher = protocol?._cipher;
  if (!isGcm(cipher)) return;
  const memory = Buffer.allocUnsafeSlow(LARGEST);
  const padding = Buffer.allocUnsafeSlow(PADDING);
  let used = PADDING;
  const { _onWrite: write, allocPacket } = cipher;
  cipher.allocPacket = (payloadLength) => {
    // RFC 4253, 6, and RFC 5647, 7.2: at least 4 bytes of padding, up to a multiple of 16; the length itself does not count.
    const rest = 16 - ((1 + payloadLength) % 16);
    const padLength = rest < 4 ? rest + 16 : rest;
    const length = 5 + payloadLength + padLength;
    if (length > LARGEST) return allocPacket.call(cipher, payloadLength);
    if (used + padLength > PADDING) {
      randomFillSync(padding);
      used = 0;
    }
    const packet = memory.subarray(0, length);
    packet.writeUInt32BE(length - 4, 0);
    packet[4] = padLength;
    padding.copy(packet, 5 + payloadLength, used, (used += padLength));
    return packet;
  };
  // The length is sent as it is, out of the packet itself; the rest is encrypted into memory of its own.
  cipher._onWrite = (data) => write.call(cipher, data.buffer === memory.buffer ? Buffer.from(data) : data);
}

function isGcm(cipher: Partial<GcmCipher> | undefined): cipher is GcmCipher {
  return typeof cipher?._encSSLName === 'string' && /^aes-\d+-gcm$/.test(cipher._encSSLName) && typeof cipher.allocPacket === 'function' && typeof cipher._onWrite === 'function';
}
