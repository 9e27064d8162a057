import test from 'ava';
import { ImgkitError, load, verify, type MoveResult, type VerifyReport } from '../../src/index.js';
import { makeScratch, storeEntries, storeLeftovers } from '../helpers/scratch.js';
import type { ArchiveCase } from './archive-case.js';
import { ARCHIVE_CASES } from './archive-cases.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

/** Processor time one archive may take, all threads together; a busy machine does not stretch it. */
const SECONDS = 5;
const MEMORY = 400 * 1024 * 1024;

test('there are at least 40 cases, each with its own name', (t) => {
  t.true(ARCHIVE_CASES.length >= 40, String(ARCHIVE_CASES.length));
  t.is(new Set(ARCHIVE_CASES.map(({ name }) => name)).size, ARCHIVE_CASES.length);
});

async function loaded(from: string, storeFolder: string, { limits }: ArchiveCase): Promise<MoveResult | ImgkitError> {
  try {
    return await load({ from, storeFolder, limits });
  } catch (error) {
    if (error instanceof ImgkitError) return error;
    throw error;
  }
}

function told({ findings }: VerifyReport, status: 'failed' | 'note'): string {
  return findings.filter((finding) => finding.status === status).map(({ check, subject, message }) => `${check}: ${subject}: ${message}`).join('\n');
}

for (const [number, row] of ARCHIVE_CASES.entries()) {
  const { name, why, verdict, code, check } = row;
  test.serial(`${name}: ${verdict}`, async (t) => {
    t.timeout(60_000);
    const target = await scratch.write(`${number}/in.tar`, row.bytes());
    const store = scratch.path(String(number), 'store');
    const before = process.cpuUsage();

    const report = await verify({ target, storeFolder: store, limits: row.limits });
    const result = await loaded(target, store, row);

    const { user, system } = process.cpuUsage(before);
    t.true((user + system) / 1e6 < SECONDS, `${(user + system) / 1e6} s`);
    t.true(process.memoryUsage().rss < MEMORY, `${process.memoryUsage().rss} bytes`);
    t.deepEqual(await scratch.tree('tmp'), [], 'nothing is left in TMPDIR');
    t.deepEqual(await storeLeftovers(store), [], 'nothing is left in the store');
    t.deepEqual((await scratch.tree(String(number))).filter((path) => path.endsWith('.part')), []);
    if (verdict === 'rejected') {
      t.false(report.ok, `verify accepted it: ${why}`);
      t.true(report.findings.some((finding) => finding.status === 'failed' && finding.check === check), told(report, 'failed'));
      if (!(result instanceof ImgkitError)) return t.fail(`load accepted it: ${why}`);
      t.is<string | undefined, string | undefined>(result.code, code, result.message);
      t.true(result.message.includes(target), `names the file: ${result.message}`);
      t.regex(result.message, /^[^\p{Cc}]+\.$/u, 'one sentence without control characters');
      t.deepEqual(await storeEntries(store), []);
      t.deepEqual((await scratch.tree(`${number}/store/blobs`)).filter((path) => path.includes('/')), [], 'no blob stays');
    } else {
      t.true(report.ok, told(report, 'failed'));
      if (result instanceof ImgkitError) return t.fail(`load rejected it: ${result.message}`);
      t.true((await storeEntries(store)).length > 0);
      t.is(told(await verify({ target: 'store:', storeFolder: store, limits: row.limits }), 'failed'), '');
      if (verdict === 'noted') t.true(report.findings.some((finding) => finding.status === 'note' && finding.check === check), `no note of ${check}:\n${told(report, 'note')}`);
    }
  });
}
