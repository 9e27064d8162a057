import test from 'ava';
import { Conversation } from '../../cli/conversation.js';

function record(): { readonly seen: string[]; readonly conversation: Conversation } {
  const seen: string[] = [];
  const progress = { listen: ({ item, done }: { readonly item: string; readonly done: number }) => { seen.push(`${item} ${done}`); }, end: () => { seen.push('end'); } };
  return { seen, conversation: new Conversation(progress, (text) => { seen.push(text); }) };
}

test('one question at a time, each with its own answer, also after one that fails', async (t) => {
  const { conversation } = record();
  const open: string[] = [];
  const answers = new Map<string, PromiseWithResolvers<string>>(['a', 'b', 'c'].map((name) => [name, withResolvers<string>()]));
  const asked = [...answers].map(([name, { promise }]) => conversation.ask(async () => {
    open.push(name);
    return promise;
  }));
  await Promise.resolve();
  t.deepEqual(open, ['a']);
  answers.get('a')?.reject(new Error('no'));
  await t.throwsAsync(asked[0] as Promise<string>, { message: 'no' });
  t.deepEqual(open, ['a', 'b']);
  answers.get('b')?.resolve('B');
  t.is(await asked[1], 'B');
  answers.get('c')?.resolve('C');
  t.is(await asked[2], 'C');
});

test('nothing is drawn or said over a question; the latest of each item and every sentence come afterwards', async (t) => {
  const { seen, conversation } = record();
  const answer = withResolvers<string>();
  conversation.listen({ phase: 'send', item: 'x', done: 1, total: 9 });
  const asked = conversation.ask(() => answer.promise);
  for (const done of [2, 3]) conversation.listen({ phase: 'send', item: 'x', done, total: 9 });
  conversation.listen({ phase: 'send', item: 'y', done: 4, total: 9 });
  conversation.say('careful');
  t.deepEqual(seen, ['x 1', 'end']);
  answer.resolve('');
  await asked;
  t.deepEqual(seen.slice(2), ['end', 'careful', 'x 3', 'y 4']);
  conversation.say('now');
  t.deepEqual(seen.slice(6), ['end', 'now']);
});

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => { [resolve, reject] = [yes, no]; });
  return { promise, resolve, reject };
}
