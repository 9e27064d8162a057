import test from 'ava';
import { runHook } from '../../../src/operations/watch/run-hook.js';

const hour = 3_600_000;

test('a command ends when the watch is stopped, while it runs or just before', async (t) => {
  t.is(await runHook('sleep 3600', {}, {}, { timeout: hour, signal: AbortSignal.abort() }), 'SIGTERM');
  const stop = new AbortController();
  const running = runHook('sleep 3600', {}, {}, { timeout: hour, signal: stop.signal });
  stop.abort();
  t.is(await running, 'SIGTERM');
});

test('its exit code, its time-out, and what it cannot be given', async (t) => {
  t.is(await runHook('exit 7', {}, {}, { timeout: hour }), 7);
  t.is(await runHook('sleep 3600', {}, {}, { timeout: 50 }), 'timeout');
  t.is(await runHook('test -z "$IMGKIT_NAMES" && grep -q names', { NAMES: 'x'.repeat(65_537) }, { names: 'x' }, { timeout: hour }), 0);
});
