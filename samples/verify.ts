// Checks an archive before and after one bit of it was changed. Broken input is a finding, not an exception.
import { readFile, writeFile } from 'node:fs/promises';
import { verify, type VerifyReport } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

function show({ ok, findings }: VerifyReport): void {
  console.log(`${ok ? 'right' : 'broken'}: ${findings.length} findings`);
  for (const { check, message, expected, found } of findings.filter(({ status }) => status === 'failed')) {
    console.log(`${check}: ${message}\n  expected ${expected}\n  found    ${found}`);
  }
}

await inWorkplace(async ({ path, image }) => {
  show(await verify({ target: image.output, expect: image.imageId }));
  const bytes = await readFile(image.output);
  const at = bytes.indexOf('without a registry');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await writeFile(path('damaged.tar'), bytes);
  show(await verify({ target: path('damaged.tar') }));
});
