import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { digestHex } from '../../../src/content/digest.js';
import { openLocalFile, type LocalFile } from '../../../src/operations/ship/local-file.js';
import { ownPartId } from '../../../src/operations/ship/remote-target.js';
import { sendFile, type Sent } from '../../../src/operations/ship/send-file.js';
import { tempFolder } from '../../content/temp.js';
import { faultyTransport, targetOf, type Faults } from './faulty-transport.js';

export const SIZE = 1_200_000;
export const OPTIONS = { force: false, verify: 'auto' } as const;

/** A file to send, and a folder to send it to. */
export interface Lab {
  readonly bytes: Buffer;
  readonly file: LocalFile;
  readonly drop: string;
  /** What an earlier call of this process may have left. */
  readonly part: string;
  /** Where the part lies now. */
  partNow(): Promise<string>;
  send(faults?: Faults, options?: { readonly force?: boolean; readonly verify?: 'auto' | 'size' | 'hash' | 'readback' }): Promise<Sent & { readonly log: readonly string[]; readonly sent: number }>;
}

export async function lab(t: ExecutionContext, size = SIZE): Promise<Lab> {
  const folder = await tempFolder(t);
  const drop = join(folder, 'drop');
  await mkdir(drop);
  const bytes = randomBytes(size);
  await writeFile(join(folder, 'app.tar'), bytes);
  const file = await openLocalFile(join(folder, 'app.tar'), {});
  t.teardown(() => file.source.close());
  return {
    bytes, file, drop, part: join(drop, `.app.tar.${await ownPartId(digestHex(file.digest))}.part`),
    partNow: async () => join(drop, (await readdir(drop)).find((name) => /^\.app\.tar\.[0-9a-f]{40}\.part$/.test(name)) ?? 'no part'),
    async send(faults, options) {
      const transport = faultyTransport(faults);
      const sent = await sendFile(file, await targetOf(transport, join(drop, 'app.tar')), { ...OPTIONS, ...options });
      return { ...sent, log: transport.log, sent: transport.traffic.sent };
    },
  };
}

/** Exactly the file and a right statement, and nothing else. */
export async function delivered(t: ExecutionContext, { drop, bytes, file }: Lab): Promise<void> {
  t.deepEqual((await readdir(drop)).sort(), ['app.tar', 'app.tar.sha256']);
  t.true((await readFile(join(drop, 'app.tar'))).equals(bytes));
  t.true((await readFile(join(drop, 'app.tar.sha256'), 'utf8')).includes(`${digestHex(file.digest)}  app.tar\n`));
}
