import { spawnSync } from 'node:child_process';
import test from 'ava';
import { asProcessIdentity, liveness, machineName, thisProcess } from '../../src/content/process-identity.js';

test('a process lives, has ended, or cannot be seen from here', async (t) => {
  const me = await thisProcess();
  const { pid } = spawnSync(process.execPath, ['--version']);
  t.is(await liveness(me), 'alive');
  t.is(await liveness({ ...me, pid }), 'dead');
  t.is(await liveness({ ...me, startTime: `${me.startTime}0` }), 'dead', 'the pid was given to another since');
  t.is(await liveness({ ...me, boot: 'another', pid: me.pid }), 'dead', 'this machine was started since');
  t.is(await liveness({ ...me, pid, pidNamespace: 'another' }), 'unknown');
  t.is(await liveness({ ...me, pid, machine: 'another' }), 'unknown');
  t.is(await liveness({ ...me, pid, host: 'another' }), 'unknown');
});

test('without a machine id another boot may be another machine of that name, so nothing is said of its processes', async (t) => {
  t.not(machineName('', 'one boot'), machineName('', 'another boot'));
  t.is(machineName('an id', 'one boot'), machineName('an id', 'another boot'));
  t.notRegex(machineName('an id', 'one boot'), /an id/);
  const me = await thisProcess();
  t.is(await liveness({ ...me, machine: machineName('', 'another boot'), boot: 'another boot' }), 'unknown');
});

test('what a file says is an identity only when it has the shape of one', async (t) => {
  const me = await thisProcess();
  t.deepEqual(asProcessIdentity(JSON.parse(JSON.stringify({ ...me, more: 1 }))), me);
  for (const wrong of [null, 1, {}, { ...me, pid: '1' }, { ...me, pid: 0 }, { ...me, pid: 1.5 }, { ...me, boot: undefined }, { ...me, machine: 5 }]) t.is(asProcessIdentity(wrong), undefined);
});
