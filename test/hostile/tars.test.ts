import test from 'ava';
import { ImgkitError } from '../../src/errors.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { readTarIndex } from '../../src/tar/tar-index.js';
import { memorySource } from '../tar/memory-source.js';
import { scan } from '../tar/scan.js';
import { TAR_CASES } from './tar-cases.js';
import type { TarCase } from './tar-case.js';

test('there are at least 120 cases, each with its own name', (t) => {
  t.true(TAR_CASES.length >= 120, String(TAR_CASES.length));
  const names = new Set(TAR_CASES.map(({ name, mode, verdict }) => `${name} ${mode} ${verdict}`));
  t.is(names.size, TAR_CASES.length);
});

/** 'accepted', or the error as it is told. */
async function outcome(run: () => unknown): Promise<'accepted' | ImgkitError> {
  try {
    await run();
    return 'accepted';
  } catch (error) {
    if (error instanceof ImgkitError) return error;
    throw error;
  }
}

function ways({ bytes, mode }: TarCase): [how: string, run: () => unknown][] {
  // Bombs are large: byte by byte, they would only test patience.
  const steps = bytes.length < 100_000 ? [bytes.length || 1, 1, 511] : [bytes.length, 4099];
  return [
    ...steps.map((step): [string, () => unknown] => [`scanner, ${step} bytes at a time`, () => scan(bytes, mode, step)]),
    ...(mode === 'archive' ? [['index', () => readTarIndex(memorySource(bytes), DEFAULT_LIMITS)] as [string, () => unknown]] : []),
  ];
}

for (const row of TAR_CASES) {
  test(`${row.mode}: ${row.name}: ${row.verdict}`, async (t) => {
    for (const [how, run] of ways(row)) {
      const result = await outcome(run);
      if (row.verdict === 'accepted') {
        t.is(result, 'accepted', how);
        continue;
      }
      if (result === 'accepted') {
        t.fail(`${how} accepted it: ${row.why}`);
        continue;
      }
      t.is<string | undefined, string | undefined>(result.code, row.code, `${how}: ${result.message}`);
      t.is(typeof result.details.offset, 'number', how);
      t.regex(result.message, /^[ -~]+ at offset \d+: [^\n]+\.$/, how);
    }
  });
}
