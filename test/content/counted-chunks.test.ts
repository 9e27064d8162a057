import test from 'ava';
import { countedChunks } from '../../src/content/counted-chunks.js';

test('chunks pass as they are, and each is counted before it does', async (t) => {
  const chunks = [new Uint8Array(3), new Uint8Array(0), new Uint8Array(4)];
  const told: number[] = [];
  const passed: Uint8Array[] = [];
  const source = async function* (): AsyncGenerator<Uint8Array> { yield* chunks; };
  for await (const chunk of countedChunks(source(), (done) => told.push(done))) {
    passed.push(chunk);
    t.is(told.length, passed.length);
  }
  t.deepEqual(told, [3, 3, 7]);
  t.true(passed.every((chunk, i) => chunk === chunks[i]));
});
