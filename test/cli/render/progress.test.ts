import test from 'ava';
import type { ProgressEvent } from '../../../src/index.js';
import { createProgress, progressMode, sharesTerminal } from '../../../cli/render/progress.js';
import { itemLine, totalLine } from '../../../cli/render/progress/lines.js';
import { widthOf } from '../../../cli/render/width.js';
import { Tally } from '../../../cli/render/progress/tally.js';
import { Terminal } from './terminal.js';

function clock(): { now: () => number; at: number } {
  const state = { at: 0, now: () => state.at };
  return state;
}

const atOnce = (draw: () => void): void => draw();
const event = (item: string, done: number, total?: number, phase = 'verify'): ProgressEvent => ({ phase, item, done, ...(total === undefined ? {} : { total }) });

test('a bar per active item and a total with bytes, rate and time left', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now, atOnce);
  progress.listen(event(`sha256:${'0123456789abcdef'.repeat(4)}`, 0, 100_000_000));
  progress.listen(event(`long ${'name '.repeat(40)}\u001b[2J`, 0, 300_000_000));
  time.at = 1000;
  progress.listen(event(`long ${'name '.repeat(40)}\u001b[2J`, 1, 300_000_000));
  progress.listen(event(`sha256:${'0123456789abcdef'.repeat(4)}`, 50_000_000, 100_000_000));
  time.at = 1100;
  progress.listen(event(`sha256:${'0123456789abcdef'.repeat(4)}`, 55_000_000, 100_000_000));
  const lines = terminal.text.split('\n');
  t.is(lines.length, 3, terminal.text);
  t.regex(terminal.text, /^verify +long .*… +\[ +\] +1 B of 300\.0 MB +0 %$/m);
  t.regex(terminal.text, /^verify +sha256:0123456789ab +\[=+> +\] +55\.0 MB of 100\.0 MB +55 %$/m);
  t.regex(lines[2] ?? '', /^total +\[=*> +\] +55\.0 MB of 400\.0 MB +13 % +50\.0 MB\/s +7 s left$/);
  t.true(lines.every((line) => line.length < 80), terminal.text);
});

test('a terminal that says 0 columns, a serial line, is taken for one of 80', (t) => {
  const terminal = new Terminal();
  terminal.columns = 0;
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now, atOnce);
  for (const at of [0, 1000, 2000]) {
    time.at = at;
    progress.listen(event('a', at, 4000));
  }
  t.is(terminal.screen[0], '$ imgkit verify');
  t.deepEqual(terminal.text.split('\n').map((line) => line.length > 60), [true, true], terminal.text);
  progress.end();
  t.deepEqual(terminal.screen, ['$ imgkit verify', '']);
  t.is(widthOf(terminal), 80);
});

for (const width of [20, 40, 79, 119, 199]) {
  test(`lines fit ${width} columns`, (t) => {
    const item = event(`sha256:${'a'.repeat(64)}`, 999_900_000_000, 999_949_999_999);
    const overall = { done: 1, total: 999_949_999_999, percent: 100, rate: 999_900_000, secondsLeft: 86_340 };
    for (const line of [itemLine(item, width), totalLine(overall, width), totalLine({ ...overall, total: undefined, percent: undefined, secondsLeft: undefined }, width)]) t.true(line.length <= width, `${line.length}: ${line}`);
  });
}

test('a finished item leaves, and the end clears the screen and shows the cursor', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now, atOnce);
  progress.listen(event('a', 1, 2));
  time.at = 500;
  progress.listen(event('a', 1, 2));
  t.false(terminal.cursor);
  time.at = 700;
  progress.listen(event('a', 2, 2));
  t.is(terminal.text.split('\n').length, 1);
  progress.end();
  progress.end();
  t.true(terminal.cursor);
  t.is(terminal.text, '');
  t.is(terminal.screen[0], '$ imgkit verify');
});

test('a pause gives the terminal back, cursor and all; what comes later stands below what was written meanwhile', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now, atOnce);
  const step = (at: number): void => {
    time.at = at;
    progress.listen(event('a', at + 1, 2000));
  };
  progress.pause?.();
  t.is(terminal.writes.length, 0);
  step(0);
  step(400);
  progress.pause?.();
  t.true(terminal.cursor);
  t.is(terminal.text, '');
  terminal.write('$ fg\n');
  step(800);
  t.false(terminal.cursor);
  t.is(terminal.text.split('\n')[0], '$ fg');
  step(1200);
  t.deepEqual([terminal.text.split('\n')[0], terminal.text.split('\n').length], ['$ fg', 3], terminal.text);
  progress.end();
  t.is(terminal.text, '$ fg');
});

test('each frame is one write, at most ten a second, none for short work', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now, atOnce);
  for (time.at = 0; time.at < 250; time.at++) progress.listen(event('a', time.at, 2000));
  t.is(terminal.writes.length, 0);
  for (time.at = 250; time.at < 1250; time.at++) progress.listen(event('a', time.at, 2000));
  progress.end();
  t.is(terminal.writes.length, 11);
});

test('a narrower window: the wrapped lines are overwritten, and nothing above them', (t) => {
  const terminal = new Terminal();
  terminal.columns = 200;
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now, atOnce);
  for (const at of [0, 400, 800]) {
    time.at = at;
    for (const item of ['a', 'b', 'c']) progress.listen(event(item, at + 1, 2000));
  }
  t.is(terminal.text.split('\n').length, 4);
  terminal.shrink(80);
  time.at = 1200;
  progress.listen(event('a', 1201, 2000));
  t.is(terminal.screen[0], '$ imgkit verify');
  t.is(terminal.text.split('\n').length, 4, terminal.text);
  progress.end();
  t.is(terminal.text, '');
});

test('a frame waits for what the terminal has to say, and comes not after the end', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const waiting: (() => void)[] = [];
  const progress = createProgress('terminal', terminal, time.now, (draw) => waiting.push(draw));
  for (const at of [0, 400, 401]) {
    time.at = at;
    progress.listen(event('a', at + 1, 2000));
  }
  t.deepEqual([terminal.writes.length, waiting.length], [0, 1]);
  terminal.columns = 40;
  waiting.shift()?.();
  t.true(terminal.text.split('\n').every((line) => line.length < 40), terminal.text);
  time.at = 800;
  progress.listen(event('a', 900, 2000));
  progress.end();
  waiting.shift()?.();
  t.is(terminal.text, '');
});

test('after a change of the width the old frame is erased first: what a terminal wrapped may still count as one line', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now, atOnce);
  for (const [at, columns] of [[0, 80], [400, 80], [800, 80], [1200, 120]] as const) {
    time.at = at;
    terminal.columns = columns;
    progress.listen(event('a', at + 1, 2000));
  }
  t.deepEqual(terminal.writes.map((text) => text.includes('A\u001b[0J')), [false, false, true]);
});

test('more items than lines are counted', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('terminal', terminal, time.now, atOnce);
  for (let i = 0; i < 50; i++) {
    time.at += 100;
    progress.listen(event(`blob ${i}`, 1, 2));
  }
  progress.end();
  t.regex(terminal.writes.at(-2) ?? '', /and 42 more/);
});

test('what was announced counts from the start: the share never falls', (t) => {
  const time = clock();
  const tally = new Tally(time.now);
  for (const item of ['a', 'b', 'c']) tally.add(event(item, 0, 100));
  const shares: (number | undefined)[] = [];
  for (const item of ['a', 'b', 'c']) {
    for (const done of [50, 100]) {
      time.at += 100;
      tally.add(event(item, done, 100));
      shares.push(tally.overall().percent);
    }
  }
  t.deepEqual(shares, [16, 33, 50, 66, 83, 100]);
});

test('what nobody announced makes the total grow, not the share fall', (t) => {
  const time = clock();
  const tally = new Tally(time.now);
  tally.add(event('a', 90, 100));
  t.is(tally.overall().percent, 90);
  tally.add(event('b', 10, 1000));
  t.is(tally.overall().percent, 90);
  t.is(tally.overall().total, 1100);
});

test('a next step begins at 0', (t) => {
  const time = clock();
  const tally = new Tally(time.now);
  tally.add(event('a', 100, 100, 'verify'));
  t.is(tally.overall().percent, 100);
  tally.add(event('a', 10, 100, 'copy'));
  t.like(tally.overall(), { done: 10, total: 100, percent: 10 });
});

test('what is done once more adds to the work: the sums never fall back', (t) => {
  const tally = new Tally(clock().now);
  for (const item of ['a', 'b']) tally.add(event(item, 0, 100));
  tally.add(event('a', 100, 100));
  tally.add(event('a', 0, 100));
  tally.add(event('a', 10, 100));
  t.like(tally.overall(), { done: 110, total: 300 });
  tally.add(event('b', 100, 100));
  tally.add(event('a', 100, 100));
  t.like(tally.overall(), { done: 300, total: 300, percent: 100 });
  tally.add(event('b', 20, 100));
  t.like(tally.overall(), { done: 20, total: 100, percent: 20 }, 'all was done: the next step begins at 0');
});

test('a transfer that begins again is not counted twice', (t) => {
  const tally = new Tally(clock().now);
  tally.add(event('a', 80, 100));
  tally.add(event('a', 30, 100));
  t.like(tally.overall(), { done: 30, total: 100 });
});

test('what a transfer that goes on began with is no part of its rate', (t) => {
  const time = clock();
  const tally = new Tally(time.now);
  tally.add(event('a', 9000, 10_000));
  t.like(tally.overall(), { done: 9000, rate: 0, secondsLeft: undefined });
  time.at += 1000;
  tally.add(event('a', 9100, 10_000));
  t.like(tally.overall(), { done: 9100, rate: 100, secondsLeft: 9 });
});

test('an unknown size gives no percentage and no time left, until it falls silent', (t) => {
  const time = clock();
  const tally = new Tally(time.now);
  tally.add(event('stdin', 5000, undefined, 'spool'));
  tally.add(event('a', 100, 1000));
  t.like(tally.overall(), { done: 5100, total: undefined, percent: undefined, secondsLeft: undefined });
  time.at = 2000;
  tally.add(event('a', 200, 1000));
  t.like(tally.overall(), { done: 5200, total: 6000, percent: 86 });
});

test('plain: nothing for short work, then a line every few seconds that says it all, without escapes', (t) => {
  const terminal = new Terminal();
  const time = clock();
  const progress = createProgress('plain', terminal, time.now);
  for (let i = 0; i < 4; i++) progress.listen(event(`blob ${i}`, 0, 40_000_000));
  for (time.at = 0; time.at <= 70_000; time.at += 10) for (let i = 0; i < 4; i++) progress.listen(event(`blob ${i}`, time.at * 500, 40_000_000));
  progress.end();
  t.is(terminal.writes.length, 13);
  t.is(terminal.writes[0], 'verify: 6.0 MB of 160.0 MB, 3 %, 2.0 MB/s, 1 min 17 s left\n');
});

test('json: one document a line, the last of an item always, with the sums', (t) => {
  const terminal = new Terminal();
  const progress = createProgress('json', terminal, clock().now);
  for (const done of [1, 2, 3]) progress.listen(event('a', done, 3));
  t.deepEqual(
    terminal.writes.map((line) => JSON.parse(line) as unknown),
    [1, 3].map((done) => ({ progress: event('a', done, 3), overall: { done, total: 3, rate: 0 } })),
  );
});

test('what auto comes to', (t) => {
  const pipe = (...fds: readonly number[]) => (fd: 0 | 1): boolean => fds.includes(fd);
  t.true(sharesTerminal({ from: '-' }, pipe(0)));
  t.true(sharesTerminal({ images: ['app:1'], output: '-' }, pipe(1)));
  t.false(sharesTerminal({ from: '-' }, pipe()), 'a file');
  t.false(sharesTerminal({ from: 'app.tar' }, pipe(0, 1)), 'the result alone goes through the pipe');
  t.is(progressMode({ progress: 'auto' }, { isTTY: true }), 'terminal');
  t.is(progressMode({ progress: 'auto' }, { isTTY: true }, { TERM: 'dumb' }), 'plain');
  t.is(progressMode({ progress: 'auto' }, {}), 'plain');
  t.is(progressMode({ progress: 'auto', json: true }, {}), 'none');
  t.is(progressMode({ progress: 'auto', quiet: true }, { isTTY: true }), 'none');
  t.is(progressMode({ progress: 'json', quiet: true }, { isTTY: true }), 'json');
});
