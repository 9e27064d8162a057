import { createContext, runInContext, Script } from 'node:vm';
import test from 'ava';
import { PAGE_STYLE } from '../../src/report/page-style.js';
import { PAGE_SCRIPT } from '../../src/report/script/page-script.js';
import { SCRIPT_LAYOUT } from '../../src/report/script/script-layout.js';

interface Tile { readonly item: { readonly bytes: number }; readonly x: number; readonly y: number; readonly w: number; readonly h: number }
interface Item { readonly node: number; readonly bytes: number; readonly files: number }
interface Layout {
  layOut(items: readonly Item[], width: number, height: number): readonly Tile[];
  atMost(items: readonly Item[], most: number): readonly Item[];
}

const context = createContext({});
runInContext(`${SCRIPT_LAYOUT};globalThis.layOut = layOut;globalThis.atMost = atMost;`, context);
const { layOut, atMost } = context as unknown as Layout;
const items = (...sizes: readonly number[]): readonly Item[] => sizes.map((bytes, node) => ({ node, bytes, files: 1 }));

test('the script is valid JavaScript, and fits between its tags', (t) => {
  t.notThrows(() => new Script(PAGE_SCRIPT));
  // A parser of HTML would end or change the element there, or the hash in the policy would be of something else.
  t.notRegex(PAGE_SCRIPT, /<\/script|<!--|\r|\0/i);
  t.notRegex(PAGE_STYLE, /<\/style|<!--|\r|\0|url\(|@import/i);
});

test('the script makes no HTML and runs no text', (t) => {
  t.notRegex(PAGE_SCRIPT, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\bfetch\b|XMLHttpRequest|import\(|srcdoc|setTimeout/);
});

test('tiles fill the map, each as large as its bytes', (t) => {
  const sizes = [600, 300, 200, 100, 50, 25, 3, 1];
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  for (const [width, height] of [[800, 400], [300, 900], [1, 1]] as const) {
    const tiles = layOut(items(...sizes), width, height);
    t.is(tiles.length, sizes.length);
    for (const { item, x, y, w, h } of tiles) {
      t.true(Math.abs(w * h - (width * height * item.bytes) / whole) < 1e-6 * width * height);
      t.true(x >= -1e-9 && y >= -1e-9 && x + w <= width + 1e-6 && y + h <= height + 1e-6);
    }
    for (const [i, a] of tiles.entries()) {
      for (const b of tiles.slice(i + 1)) t.true(a.x + a.w <= b.x + 1e-6 || b.x + b.w <= a.x + 1e-6 || a.y + a.h <= b.y + 1e-6 || b.y + b.h <= a.y + 1e-6);
    }
  }
});

test('tiles are as square as can be', (t) => {
  for (const { w, h } of layOut(items(...Array.from({ length: 100 }, () => 1)), 100, 100)) t.true(Math.max(w / h, h / w) < 1.5);
});

test('nothing to draw, or nowhere to draw it', (t) => {
  t.is(layOut([], 10, 10).length, 0);
  t.is(layOut(items(0, 0), 10, 10).length, 0);
  t.is(layOut(items(1), 0, 10).length, 0);
});

test('what has no tile of its own is in one', (t) => {
  const shown = atMost(items(...Array.from({ length: 1_000 }, (_, i) => 1_000 - i), 0), 120);
  t.is(shown.length, 120);
  t.is(shown.reduce((sum, { bytes }) => sum + bytes, 0), 500_500);
  t.is(shown.filter(({ node }) => node < 0).length, 1);
});
