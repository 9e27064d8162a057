import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExecutionContext } from 'ava';
import { digestHex, digestOf } from '../../../src/content/digest.js';
import { ImgkitError } from '../../../src/errors.js';
import type { BareWatchEvent } from '../../../src/operations/watch/watch-event.js';
import { watchFolder, type WatchFolderOptions, type WatchTally } from '../../../src/operations/watch/watch-folder.js';
import { tempFolder } from '../../content/temp.js';

export interface Lab {
  readonly drop: string;
  readonly path: (name: string) => string;
  readonly taken: string[];
  readonly events: BareWatchEvent[];
  put(name: string, content?: string, stated?: string): Promise<void>;
  look(options?: Partial<WatchFolderOptions>): Promise<WatchTally>;
}

/** Watches a local folder; what is accepted is noted instead of loaded. `bad` in a content is refused. */
export async function lab(t: ExecutionContext): Promise<Lab> {
  const folder = await tempFolder(t);
  const path = (name: string): string => join(folder, name);
  const drop = path('drop');
  await mkdir(drop);
  const taken: string[] = [];
  const events: BareWatchEvent[] = [];
  return {
    drop, path, taken, events,
    async put(name, content = name, stated) {
      await writeFile(join(drop, name), content);
      if (stated !== undefined) await writeFile(join(drop, `${name}.sha256`), `${digestHex(digestOf(Buffer.from(stated)))}  ${name}\n`);
    },
    look: (options) => watchFolder({
      url: `${pathToFileURL(drop).href}/`, into: 'store:', stateFile: path('state.json'), incoming: path('incoming'), archiveTo: path('archive'), quarantine: path('quarantine'),
      every: 5, once: true, requireChecksum: false, execTimeout: 60_000,
      tell: (event) => void events.push(event),
      async accept(file) {
        const content = await readFile(file, 'utf8');
        if (content.includes('bad')) throw new ImgkitError('tar-malformed', 'bad: no archive.');
        if (content.includes('later')) throw new ImgkitError('store-locked', 'later: the store is locked.');
        taken.push(content);
        return { images: [{ names: ['docker.io/library/a:1'], digest: digestOf(Buffer.from(content)) }] };
      },
      ...options,
    }),
  };
}

export const kinds = (events: readonly BareWatchEvent[]): readonly string[] => events.map(({ event }) => event);
