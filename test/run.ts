// Runs the suite and ends with one plain line, `N passed, N failed`, so that anyone can see that tests ran.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const ava = join(dirname(require.resolve('ava')), 'cli.mjs');
const args = process.argv.slice(2);
const peers = args.includes('--peers');
const child = spawn(process.execPath, [ava, '--tap', ...args.filter((arg) => arg !== '--peers')], {
  env: { ...process.env, IMGKIT_TEST_PEERS: peers ? '1' : '0', NO_COLOR: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});

let passed = 0;
let failed = 0;
let failing = false;
for await (const line of createInterface({ input: child.stdout })) {
  const result = /^(ok|not ok) \d+ - (.*)$/.exec(line);
  if (result !== null) {
    failing = result[1] === 'not ok';
    if (failing) failed += 1;
    else passed += 1;
    if (failing || process.env['CI'] !== 'true') console.log(`${failing ? 'FAILED' : 'ok    '} ${result[2]}`);
  } else if (failing && /^\s/.test(line)) {
    console.log(line);
  }
}
const code = await new Promise<number>((resolve) => {
  if (child.exitCode !== null) resolve(child.exitCode);
  else child.once('close', (status) => resolve(status ?? 1));
});
if (code !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed === 0 ? 1 : code;
