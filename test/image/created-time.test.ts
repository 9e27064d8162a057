import test from 'ava';
import { parseCreated } from '../../src/image/created-time.js';

for (const [text, expected] of [
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
  // Go, and so docker load, reads capital letters alone.
  ['2026-01-31t12:00:00.25z', '2026-01-31T12:00:00.25Z'],
  ['2024-02-29T23:59:59+05:30', '2024-02-29T23:59:59+05:30'],
  ['1700000000', '2023-11-14T22:13:20Z'],
] as const) {
  test(`a time: ${text}`, (t) => {
    t.is(parseCreated(text, '--created'), expected);
  });
}

for (const text of ['2026-02-30T00:00:00Z', '2025-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-01-31T24:00:00Z', '2026-01-31T12:00:60Z', '2026-01-31T12:60:00Z', '2026-13-01T00:00:00Z', '2026-01-31T12:00:00+24:00', '2026-01-31T12:00:00', '2026-01-31 12:00:00Z', 'yesterday', '']) {
  test(`no time, whatever JavaScript makes of it: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parseCreated(text, '--created'), { code: 'usage' });
  });
}
