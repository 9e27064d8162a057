import test from 'ava';
import { createProgress, progressMode } from '../../../cli/render/progress.js';

/** A terminal that understands what we send: cursor up, erase line, erase below. */
class Terminal {
  readonly columns = 80;
  readonly rows = 24;
  readonly isTTY = true;
  readonly writes: string[] = [];
  readonly screen: string[] = [''];
  wrapped = false;
  #row = 0;

  write(text: string): void {
    this.writes.push(text);
    for (const [, up, eraseLine, eraseBelow, end, plain] of text.matchAll(/\u001b\[(\d+)A|(\u001b\[2K)|(\u001b\[0J)|(\n)|([^\u001b\n]+)/g)) {
      if (up !== undefined) this.#row -= Number(up);
      else if (eraseLine !== undefined) this.screen[this.#row] = '';
      else if (eraseBelow !== undefined) this.screen.splice(this.#row, Infinity, '');
      else if (end !== undefined) this.#row++;
      else if (plain !== undefined) this.screen[this.#row] = plain;
      this.wrapped ||= [...(this.screen[this.#row] ?? '')].length >= this.columns;
    }
  }

  get text(): string {
    return this.screen.join('\n').trimEnd();
  }
}

function clock(): { now: () => number; at: number } {
  const state = { at: 0, now: () => state.at };
  return state;
}

test('a line per active item and a total with bytes, rate and time left', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now);
  progress.listen({ phase: 'read', item: 'sha256:0123456789ab', done: 0, total: 100_000_000 });
  time.at = 500;
  progress.listen({ phase: 'verify', item: `long ${'name '.repeat(40)}\u001b[2J`, done: 1, total: 300_000_000 });
  time.at = 1000;
  progress.listen({ phase: 'read', item: 'sha256:0123456789ab', done: 50_000_000, total: 100_000_000 });
  const lines = terminal.text.split('\n');
  t.is(lines.length, 3);
  t.regex(terminal.text, /^read +sha256:0123456789ab +50\.0 MB of 100\.0 MB +50 %$/m);
  t.regex(terminal.text, /^verify +long .*… +1 B of 300\.0 MB +0 %$/m);
  t.regex(lines[2] ?? '', /^total +50\.0 MB of 400\.0 MB +12 % +50\.0 MB\/s +7 s left$/);
  t.false(terminal.wrapped);
});

test('a finished item leaves, and the end clears the screen', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now);
  progress.listen({ phase: 'read', item: 'a', done: 1, total: 2 });
  time.at = 200;
  progress.listen({ phase: 'read', item: 'a', done: 2, total: 2 });
  t.is(terminal.text.split('\n').length, 1);
  progress.end();
  progress.end();
  t.is(terminal.text, '');
});

test('at most ten drawings a second', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now);
  for (time.at = 0; time.at < 1000; time.at++) progress.listen({ phase: 'read', item: 'a', done: time.at, total: 2000 });
  t.is(terminal.writes.length, 10);
});

test('more items than lines are counted', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now);
  for (let i = 0; i < 50; i++) {
    time.at += 100;
    progress.listen({ phase: 'read', item: `blob ${i}`, done: 1, total: 2 });
  }
  t.is(terminal.text.split('\n').length, 10);
  t.regex(terminal.text, /and 42 more/);
});

test('an unknown size gives no percentage and no time left', (t) => {
  const terminal = new Terminal();
  createProgress('terminal', terminal, clock().now).listen({ phase: 'read', item: 'stdin', done: 5000 });
  t.notRegex(terminal.text, /%|left/);
});

test('plain: nothing for short work, then a line every few seconds, without escapes', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('plain', terminal, time.now);
  for (time.at = 0; time.at <= 10_000; time.at += 10) progress.listen({ phase: 'read', item: 'a', done: time.at, total: 20_000 });
  progress.end();
  t.is(terminal.writes.length, 3);
  t.false(terminal.writes.some((text) => text.includes('\u001b')));
});

test('json: one document a line, the last of an item always', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('json', terminal, time.now);
  progress.listen({ phase: 'read', item: 'a', done: 1, total: 3 });
  progress.listen({ phase: 'read', item: 'a', done: 2, total: 3 });
  progress.listen({ phase: 'read', item: 'a', done: 3, total: 3 });
  t.deepEqual(
    terminal.writes.map((line) => JSON.parse(line) as unknown),
    [1, 3].map((done) => ({ progress: { phase: 'read', item: 'a', done, total: 3 } })),
  );
});

test('what auto comes to', (t) => {
  t.is(progressMode({ progress: 'auto' }, { isTTY: true }), 'terminal');
  t.is(progressMode({ progress: 'auto' }, {}), 'plain');
  t.is(progressMode({ progress: 'auto', json: true }, {}), 'none');
  t.is(progressMode({ progress: 'auto', quiet: true }, { isTTY: true }), 'none');
  t.is(progressMode({ progress: 'json', quiet: true }, { isTTY: true }), 'json');
});
