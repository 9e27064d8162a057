// transfer-once.js up|down URL LOCAL [OPTION=VALUE ...]: one file to or from a host, by the transport alone; measured by transfer-jobs.ts.
import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { openTransport } from '../../src/transport/open-transport.js';

const PIECE = 1024 * 1024;
const [direction, location = '', local = '', ...options] = process.argv.slice(2);
const url = new URL(location);
const transport = await openTransport(`${url.protocol}//${url.username}@${url.host}`, Object.fromEntries(options.map((option) => option.split(/=(.*)/s))));
try {
  if (direction === 'up') await up(decodeURIComponent(url.pathname));
  else await down(decodeURIComponent(url.pathname));
} finally {
  await transport.close();
}

async function up(path: string): Promise<void> {
  const file = await open(local, 'r');
  const { size } = await file.stat();
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      // Whoever takes a chunk keeps it.
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(PIECE), 0, PIECE);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  };
  await transport.write(path, chunks(), { size });
  await file.close();
}

async function down(path: string): Promise<void> {
  const file = await open(local, 'w');
  // As the peers do; a thread for each piece costs more than the writing.
  for await (const chunk of transport.read(path, { passing: true })) for (let done = 0; done < chunk.length;) done += writeSync(file.fd, chunk, done);
  await file.close();
}
