// transfer-once.js up|down URL LOCAL [OPTION=VALUE ...]: one file to or from a host, by the transport alone; measured by transfer-jobs.ts.
import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { lentBytes } from '../../src/content/lent-chunk.js';
import { localChunks } from '../../src/content/local-chunks.js';
import { openTransport } from '../../src/transport/open-transport.js';

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
  // As `send` does.
  await transport.write(path, localChunks({ fd: file.fd, offset: 0, length: size }, local), { size, lent: true });
  await file.close();
}

async function down(path: string): Promise<void> {
  const file = await open(local, 'w');
  // As the peers do; a thread for each piece costs more than the writing.
  for await (const chunk of transport.read(path, { lent: true })) for (let done = 0; done < chunk.length;) done += writeSync(file.fd, lentBytes(chunk), done);
  await file.close();
}
