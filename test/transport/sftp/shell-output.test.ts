import test from 'ava';
import { shellOutput } from '../../../src/transport/sftp/shell-output.js';

test('text in place of a packet is told, and nothing else', (t) => {
  t.is(shellOutput('sftp: Packet length 1466264675 exceeds max length of 262144'), 'Welc');
  t.is(shellOutput(`Packet length ${Buffer.from('\u001b[2J').readUInt32BE()} exceeds max length of 262144`), '[2J');
  for (const other of ['Packet length 4294967295 exceeds max length of 262144', 'Packet length 99999999999 exceeds max length of 262144', 'Packet length 300000 exceeds max length of 262144', 'Unable to start subsystem: sftp']) t.is(shellOutput(other), undefined, other);
});
