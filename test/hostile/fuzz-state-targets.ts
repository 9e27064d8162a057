import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeDeadParts, finalName } from '../../src/content/part-file.js';
import { asProcessIdentity, liveness } from '../../src/content/process-identity.js';
import { checkLayoutFile } from '../../src/image/oci-layout-file.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { openLocalPart } from '../../src/operations/ship/local-part.js';
import { readWatchState } from '../../src/operations/watch/watch-state.js';
import { controlFolder } from '../../src/store/control-folder.js';
import { readIndexFile } from '../../src/store/index-file.js';
import { readLeases, sweepDeadLeases } from '../../src/store/lease-file.js';
import { isAbandoned, readLockFile } from '../../src/content/lock-file.js';
import { image } from '../helpers/image-builder.js';
import { BYTES } from './fuzz-bytes.js';
import { fuzzFile, fuzzFolder } from './fuzz-folder.js';
import { JSON_CHANGES } from './fuzz-json.js';
import { textTarget, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';

const PROCESS = { pid: 4_000_000, startTime: '12345', host: 'host', machine: 'abcdef012345', boot: 'b', pidNamespace: 'pid:[1]' };
const DIGEST = `sha256:${'a'.repeat(64)}`;
const PART = { url: 'https://host/a.tar', digest: DIGEST, size: 12, version: '"x"' };
const CHANGES = [...JSON_CHANGES, ...TEXT, ...BYTES];

/** Files of our own that another user, another machine or a power cut may have written to: stores come on discs. */
export function stateTargets(): readonly FuzzTarget[] {
  const app = image('app', {});
  return [
    textTarget('watch-state', [JSON.stringify({ version: 1, remembered: [{ name: 'a.tar', digest: DIGEST, key: '12 "x"', outcome: 'accepted', at: '2026-01-01T00:00:00Z' }], pending: { 'b.tar': '7' } })], CHANGES, async (text) => readWatchState(await fuzzFile('state.json', text))),
    textTarget('lease', [JSON.stringify({ ...PROCESS, digests: [DIGEST, DIGEST] })], CHANGES, leaseOf),
    textTarget('lock', [JSON.stringify({ nonce: '0123456789abcdef', ...PROCESS })], CHANGES, async (text) => {
      const holder = await readLockFile(await fuzzFile('lock', text));
      return holder && isAbandoned(holder);
    }),
    textTarget('process-identity', [JSON.stringify(PROCESS)], JSON_CHANGES, (text) => identityOf(text)),
    textTarget('store-index', [JSON.stringify({ schemaVersion: 2, manifests: [{ ...app.descriptor, annotations: { 'io.containerd.image.name': 'docker.io/library/app:1', 'org.opencontainers.image.ref.name': '1' } }] })], CHANGES, async (text) => readIndexFile(dirname(await fuzzFile('layout/index.json', text)), DEFAULT_LIMITS)),
    textTarget('oci-layout', ['{"imageLayoutVersion":"1.0.0"}'], CHANGES, (text) => checkLayoutFile(Buffer.from(text), DEFAULT_LIMITS)),
    textTarget('part-name', ['.app.tar.0123456789abcdef01230000ff12.part', '.a..0123456789ab.part', '.app.tar.ffffffffffffffffffffffffffff.part'], [...TEXT, ...BYTES], partNamed),
    textTarget('part-journal', [JSON.stringify(PART)], CHANGES, journalled),
  ];
}

async function leaseOf(text: string): Promise<void> {
  const control = controlFolder(join(fuzzFolder(), 'store'), { permanent: true });
  for (const folder of [control.leases, control.ingest]) mkdirSync(folder, { recursive: true });
  await fuzzFile('store/.imgkit/leases/0123456789abcdef.json', text);
  await fuzzFile('store/.imgkit/ingest/0123456789abcdef-1', 'half a blob');
  await readLeases(control);
  await sweepDeadLeases(control);
}

async function identityOf(text: string): Promise<void> {
  const identity = asProcessIdentity(JSON.parse(text));
  if (identity !== undefined) await liveness(identity);
}

/** A file of that name beside what is written; only what looks like a part of ours may go away. */
async function partNamed(text: string): Promise<void> {
  const name = text.replaceAll(/[/\0]/g, '').slice(0, 60);
  finalName(name);
  rmSync(join(fuzzFolder(), 'parts'), { recursive: true, force: true });
  if (name === '' || name === '.' || name === '..') return;
  await fuzzFile(`parts/${name}`, 'x');
  await removeDeadParts(join(fuzzFolder(), 'parts/app.tar'));
}

/** A journal that somebody wrote beside a part: only the very same one lets a transfer go on. */
async function journalled(text: string): Promise<void> {
  const part = await fuzzFile('fetch/.a.tar.0123456789abcdef.part', 'these bytes');
  await fuzzFile('fetch/.a.tar.0123456789abcdef.part.json', text);
  const { handle, offset } = await openLocalPart(part, PART);
  await handle.close();
  const same = text === JSON.stringify(PART);
  if (offset > 0 && !same) throw new TypeError(`went on with a part of something else: ${text}`);
  if (offset === 0 && same) throw new TypeError('does not go on with a part that is right');
}
