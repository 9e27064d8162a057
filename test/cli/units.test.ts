import test from 'ava';
import { parseCount, parseDuration, parseRate } from '../../cli/options/units.js';

const usage = (message: RegExp): { readonly code: string; readonly message: RegExp } => ({ code: 'usage', message });

test('times: from a millisecond to what a timer of Node holds', (t) => {
  t.deepEqual(['1ms', '500ms', '30', '30s', '1.5s', '5m', '5min', '2h', '24d'].map((text) => parseDuration(text, '--x')), [1, 500, 30_000, 30_000, 1500, 300_000, 300_000, 7_200_000, 2_073_600_000]);
  // More would fire at once, and none of these is "no limit".
  for (const text of ['0', '0s', '0.4ms', '25d', '1e3', '-1', '', 's', '5 m', '5w', 'Infinity', '9'.repeat(400)]) t.throws(() => parseDuration(text, '--every'), usage(/^--every: ".*" is not a time/), text);
});

test('rates: at least a byte a second, at most what can be counted', (t) => {
  t.deepEqual(['1', '200k', '2M', '0.5k', '1g'].map((text) => parseRate(text, '--x')), [1, 204_800, 2_097_152, 512, 1_073_741_824]);
  for (const text of ['0', '0.1', '-1', '', 'k', '2MB', '2 M', '1e3', '9999999999999g', 'Infinity']) t.throws(() => parseRate(text, '--limit-rate'), usage(/^--limit-rate: ".*" is not a number of bytes/), text);
});

test('counts: 1 to 64', (t) => {
  t.deepEqual(['1', '04', '64'].map((text) => parseCount(text, '--x')), [1, 4, 64]);
  for (const text of ['0', '65', '-1', '1.5', '', '100', '4k']) t.throws(() => parseCount(text, '--concurrency'), usage(/^--concurrency: /), text);
});
