import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { sha256 } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { openWindow, type TerminalWindow } from '../helpers/tmux.js';
import { raw } from '../hostile/tar-builder.js';

const LAYERS = 4;
const LAYER_SIZE = 8 * 1024 ** 3;

/**
 * An OCI layout that takes long to verify and no time to make: layers of gigabytes that are holes. Their digests are
 * wrong, which is found out at their ends; no test waits for that.
 */
async function makeLayout(workspace: Workspace): Promise<string> {
  const folder = workspace.path('layout');
  const blobs = join(folder, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const put = async (value: unknown, mediaType: string): Promise<Record<string, unknown>> => {
    const text = JSON.stringify(value);
    const digest = sha256(text);
    await writeFile(join(blobs, digest.slice(7)), text);
    return { mediaType, digest, size: text.length };
  };
  const layers: Record<string, unknown>[] = [];
  for (let i = 0; i < LAYERS; i++) {
    const hex = String(i + 1).repeat(64);
    const file = await open(join(blobs, hex), 'wx');
    await file.write(raw({ name: `big-${i}`, size: LAYER_SIZE - 512 - 1024 }));
    await file.truncate(LAYER_SIZE);
    await file.close();
    layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${hex}`, size: LAYER_SIZE });
  }
  const config = await put({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) } }, 'application/vnd.oci.image.config.v1+json');
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await put({ schemaVersion: 2, mediaType: manifestType, config, layers }, manifestType);
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return folder;
}

let workspace: Workspace;
test.before(async () => {
  workspace = await createWorkspace();
  await makeLayout(workspace);
});
test.after.always(() => workspace.remove());

async function open24(columns: number): Promise<TerminalWindow> {
  const env = { PATH: `${workspace.path('bin')}:${process.env['PATH'] ?? ''}`, IMGKIT_HOME: workspace.home, TMPDIR: workspace.path('tmp'), PS1: 'ready> ' };
  return openWindow({ columns, rows: 24, shell: ['bash', '--norc', '--noprofile'], cwd: workspace.folder, env });
}

const count = (text: string, pattern: RegExp): number => text.split('\n').filter((line) => pattern.test(line)).length;
const BAR = /^verify +sha256:\d{12} +\[[=> ]+\] +\d+\.\d [kMGT]?B of 8\.6 GB +\d+ %$/;
const TOTAL = /^total +\[[=> ]+\] +[\d.]+ [kMG]?B of 34\.4 GB +\d+ % +[\d.]+ [kMG]?B\/s +(?:\d+ [hms]\w* ?)+left$/;
/** As many bars as blobs are read at once, which depends on the machine; one total that is known from the start. */
const drawn = (screen: string): boolean => count(screen, BAR) >= 1 && count(screen, TOTAL) === 1;

for (const columns of [80, 200]) {
  test.serial(`verify in a terminal of ${columns} columns: bars and a total, gone after Ctrl-C`, async (t) => {
    const window = await open24(columns);
    try {
      await window.until((screen) => screen.startsWith('ready>'), 'the prompt');
      await window.type('imgkit verify oci:layout');
      await window.press('Enter');
      const screen = await window.until(drawn, 'bars and a total');
      t.log(screen);
      const lines = screen.split('\n');
      t.is(lines[0], 'ready> imgkit verify oci:layout');
      t.is(lines.length, 1 + count(screen, BAR) + 1, screen);
      t.true(lines.every((line) => line.length < columns));
      const bars = lines.filter((line) => BAR.test(line)).map((line) => line.indexOf('['));
      t.is(new Set(bars).size, 1, 'the bars stand in one column');
      t.false(await window.cursorShown());
      await window.press('C-c');
      const after = await window.until((text) => text.endsWith('\nready>'), 'the prompt again');
      t.is(count(after, /^(?:verify|total|\.\.\.) /), 0, after);
      t.true(await window.cursorShown());
    } finally {
      await window.close();
    }
  });
}

const ABOVE = ['the lines above', ...Array.from({ length: 30 }, (_, i) => String(i + 1))];

/** Resizes while bars are drawn, below a full screen. Resolves with what is left in the end that is neither from before nor the prompt. */
async function resizeWhileDrawing(t: ExecutionContext): Promise<readonly string[]> {
  const window = await open24(200);
  try {
    await window.until((screen) => screen.startsWith('ready>'), 'the prompt');
    await window.type('echo "the lines above"; seq 1 30; imgkit verify oci:layout');
    await window.press('Enter');
    await window.until(drawn, 'the first frame');
    for (const columns of [80, 120, 60, 200]) {
      // tmux tells of a change at once, but not of two within 250 ms.
      await sleep(400);
      await window.resize(columns, 24);
      const fits = (screen: string): boolean => {
        const [total = '', bar = ''] = screen.split('\n').toReversed();
        return total.startsWith('total') && /^verify +sha256:.*%$/.test(bar) && bar.length === columns - 1;
      };
      t.log(`${columns}:\n${(await window.until(fits, `a frame of ${columns} columns`)).split('\n').slice(-5).join('\n')}`);
    }
    await window.press('C-c');
    await window.until((text) => text.endsWith('ready>'), 'the prompt again');
    const all = (await window.everything()).split('\n');
    t.deepEqual(all.filter((line) => ABOVE.includes(line)), ABOVE, 'each line above once, in its order');
    return all.slice(all.indexOf('30') + 1).filter((line) => line !== '^C' && line !== 'ready>');
  } finally {
    await window.close();
  }
}

test.serial('a window that changes its size: every frame whole, nothing left over, nothing above taken away', async (t) => {
  // Between the moment when the terminal changes and the one when it says so, a frame may be drawn for the old width.
  let left: readonly string[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    left = await resizeWhileDrawing(t);
    if (left.length === 0) break;
  }
  t.deepEqual(left, []);
});

test.serial('Ctrl-Z gives the shell its terminal and cursor back; fg goes on below, as wide as the window is then', async (t) => {
  const window = await open24(120);
  try {
    await window.until((screen) => screen.startsWith('ready>'), 'the prompt');
    await window.type('imgkit verify oci:layout');
    await window.press('Enter');
    await window.until(drawn, 'the first frame');
    await window.press('C-z');
    const stopped = await window.until((screen) => screen.endsWith('\nready>'), 'the prompt again');
    t.regex(stopped, /Stopped/);
    t.is(count(stopped, /^(?:verify|total) /), 0, stopped);
    t.true(await window.cursorShown());
    await window.resize(70, 24);
    await window.type('fg');
    await window.press('Enter');
    const fits = (screen: string): boolean => count(screen, /^total/) === 1 && screen.split('\n').filter((line) => /^(?:verify +sha256|total)/.test(line)).every((line) => line.length < 70);
    const going = await window.until(fits, 'a frame of 70 columns');
    await sleep(500);
    t.true(fits(await window.screen()));
    t.regex(going, /Stopped[^]*ready> fg/);
    await window.press('C-c');
    await window.until((text) => text.endsWith('\nready>'), 'the prompt in the end');
    t.true(await window.cursorShown());
  } finally {
    await window.close();
  }
});

test.serial('a message after the bars stands alone', async (t) => {
  const window = await open24(80);
  try {
    await window.type('imgkit save oci:layout -o small.tar --platform plan9/amd64; echo "ended with $?"');
    await window.press('Enter');
    const screen = await window.until((text) => text.includes('ended with'), 'the end');
    t.is(count(screen, /^total/), 0, screen);
  } finally {
    await window.close();
  }
});
