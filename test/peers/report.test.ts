import { inflateSync } from 'node:zlib';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { report } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { startChromium, type Browser, type BrowserPage, type PageOptions } from '../helpers/chromium.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { layerEntries } from '../helpers/layer-entries.js';
import { makeScratch } from '../helpers/scratch.js';

const HOSTILE = '</script><script>window.pwned=1</script><img src=https://example.org/x onerror=window.pwned=2><!--"\'';
const FILES = 10_000;
const scratch = makeScratch();
let browser: Browser;
let url = '';

test.before(async () => {
  const files = Array.from({ length: FILES }, (_, i) => `usr/lib/d${i % 40}/file-${i}:${'x'.repeat(1 + (i * 7919) % 900)}`);
  const base = layer(layerEntries(...files, `etc/config:${'y'.repeat(90_000)}`, 'etc/gone:1'), { gzip: true });
  const top = layer(layerEntries(`srv/${HOSTILE.replaceAll('/', '')}:${'z'.repeat(700_000)}`, `etc/config:${'w'.repeat(80_000)}`, 'etc/.wh.gone'), { gzip: true });
  const build = (...layers: (typeof base)[]): ReturnType<typeof image> => image('app', {
    layers,
    config: (config) => ({ ...config, config: { Cmd: [HOSTILE], Env: [`A=${HOSTILE}`], Labels: { [HOSTILE]: HOSTILE } }, history: layers.map(() => ({ created_by: `RUN ${HOSTILE} ${'and more '.repeat(60)}` })) }),
  });
  const location = await scratch.write('app.tar', pack(hybridParts([named(build(base, top), 'app:2')])));
  const compare = await scratch.write('old.tar', pack(hybridParts([named(build(base), 'app:1')])));
  const output = scratch.path('app.html');
  await report({ location, compare, output });
  url = pathToFileURL(output).href;
  browser = await startChromium();
});
test.after.always(async () => {
  await (browser as Browser | undefined)?.close();
  scratch.remove();
});

const WIDE: PageOptions = { width: 1600, height: 1000 };
const open = (options: PageOptions): Promise<BrowserPage> => browser.open(url, options);
/** The name of the tile that has the focus. */
const focused = (page: BrowserPage): Promise<string> => page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName');
const folder = (page: BrowserPage): Promise<string> => page.evaluate('document.getElementById("map").getAttribute("aria-label").replace(/,.*/, "")');

test('hostile names, labels and commands stay text; nothing is complained of, nothing is loaded', async (t) => {
  const page = await open(WIDE);
  t.is(await page.evaluate('document.documentElement.dataset.ready'), 'yes');
  await page.evaluate('document.querySelectorAll("details").forEach((each) => { each.open = true; })');
  t.is(await page.evaluate('typeof window.pwned'), 'undefined');
  t.is(await page.evaluate('document.images.length + document.querySelectorAll("script").length'), 2);
  t.true(await page.evaluate(`document.getElementById("config").textContent.includes(${JSON.stringify(HOSTILE)})`));
  t.deepEqual(page.complaints, []);
  t.deepEqual(page.requests.filter((each) => !each.startsWith('data:')), [url]);
});

test('the policy is in force: a script that got in would not run', async (t) => {
  const page = await open(WIDE);
  await page.evaluate('document.body.append(Object.assign(document.createElement("img"), { src: "https://example.org/x" }))');
  await page.evaluate('try { document.body.insertAdjacentHTML("beforeend", "<b onclick=alert(1)>") } catch (error) { window.stopped = String(error) }');
  t.regex(await page.evaluate<string>('String(window.stopped)'), /Trusted/);
  t.true(page.complaints.some((each) => each.includes('Content Security Policy')));
});

test('the facts are there without scripts', async (t) => {
  const page = await open({ ...WIDE, scripts: 'off' });
  const [hidden, text] = await Promise.all([page.evaluate('document.getElementById("explorer").offsetHeight'), page.evaluate<string>('document.body.innerText')]);
  t.is(hidden, 0);
  for (const fact of ['app:2', 'Verified', '/usr/lib/', '/etc/config', '10,002\u00a0files', 'Changes', 'efficiency']) t.true(text.includes(fact), fact);
  t.deepEqual(page.complaints, []);
});

test('the map is walked with keys alone', async (t) => {
  const page = await open(WIDE);
  await page.evaluate('document.getElementById("search").focus()');
  await page.press('Tab');
  const start = await focused(page);
  t.regex(start, /^usr\/, folder, .* 1 of 3$/);
  await page.press('ArrowRight');
  t.regex(await focused(page), /^srv\/, folder/);
  await page.press('ArrowLeft', 'Enter');
  t.is(await folder(page), 'Map of /usr');
  t.regex(await focused(page), /^lib\/, folder, .*100\u00a0%, 1 of 1$/);
  await page.press('Enter');
  t.is(await folder(page), 'Map of /usr/lib');
  t.is(await page.evaluate('document.querySelectorAll("#map > .tile").length'), 40);
  const walked = new Set<string>();
  for (let i = 0; i < 12; i += 1) {
    walked.add(await focused(page));
    await page.press(i % 4 === 3 ? 'ArrowDown' : 'ArrowRight');
  }
  t.true(walked.size > 4, [...walked].join('\n'));
  await page.press('End');
  const end = await focused(page);
  t.regex(end, /40 of 40$/);
  await page.press('Enter', 'Backspace');
  // Back on the folder that one came out of.
  t.is(await focused(page), end);
  await page.press('Backspace', 'Backspace', 'Backspace');
  t.is(await focused(page), start);
  t.deepEqual(page.complaints, []);
});

test('files are found by name, from the keyboard', async (t) => {
  const page = await open(WIDE);
  await page.evaluate('document.getElementById("search").focus()');
  await page.press(...'file-777');
  t.is(await page.evaluate('document.getElementById("status").textContent'), '11\u00a0matches for “file-777”');
  await page.press('ArrowDown', 'Enter');
  t.regex(await folder(page), /^Map of \/usr\/lib\/d\d+$/);
  t.regex(await page.evaluate<string>('document.querySelector(".detail").textContent'), /file-777\d?, .*layer 1/);
});

test('10,000 files: however much is in a folder, little is drawn, and moving draws nothing', async (t) => {
  const page = await open(WIDE);
  const elements = (): Promise<number> => page.evaluate('document.getElementsByTagName("*").length');
  t.true(await elements() < 3_000, `${await elements()} elements`);
  t.is(await page.evaluate('JSON.parse(document.getElementById("data").textContent).names.filter((name) => name.startsWith("file-")).length'), FILES);
  await page.evaluate('window.made = 0; new MutationObserver((all) => { for (const { addedNodes } of all) window.made += addedNodes.length; }).observe(document.body, { subtree: true, childList: true }); document.querySelector("#map .tile").focus()');
  await page.press('Enter', 'Enter', 'Enter');
  t.true(await page.evaluate<number>('window.made') < 1_500, 'added by opening three folders');
  t.true(await page.evaluate<number>('Number(document.getElementById("map").dataset.drawn)') <= 520);
  await page.evaluate('window.made = 0');
  await page.press('ArrowRight', 'ArrowDown', 'End', 'Home');
  // The line about the tile is set anew each time, and that is all.
  t.true(await page.evaluate<number>('window.made') <= 4);
  t.true(await page.evaluate<number>('document.querySelectorAll("#list .row").length') <= 100);
});

for (const width of [360, 800, 1600]) {
  test(`nothing is wider than a page of ${width} pixels`, async (t) => {
    const page = await open({ width, height: 900 });
    t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
    // Tables may be, in a box that scrolls by itself and takes the focus.
    t.deepEqual(await page.evaluate(`[...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > ${width} + 1 && each.closest('.scroll, .bar-nav ul, .hidden') === null).map((each) => each.className)`), []);
  });
}

test('everything that can be pressed or read has a name', async (t) => {
  const page = await open(WIDE);
  const found = await page.accessibles();
  t.deepEqual(found.filter(({ role, name }) => ['button', 'link', 'searchbox', 'region', 'navigation', 'image', 'table'].includes(role) && name.trim() === ''), []);
  for (const role of ['main', 'navigation', 'heading', 'searchbox', 'table', 'button']) t.true(found.some((each) => each.role === role), role);
});

test('light and dark are different, and readable', async (t) => {
  const looks = await Promise.all((['light', 'dark'] as const).map(async (scheme) => {
    const page = await open({ width: 900, height: 700, scheme });
    return { ...brightness(await page.screenshot()), contrast: await page.evaluate<number>(CONTRAST) };
  }));
  const [light, dark] = looks;
  t.true(light !== undefined && dark !== undefined && light.mean > 190 && dark.mean < 80, JSON.stringify(looks));
  // WCAG 2.2, 1.4.3.
  for (const { contrast } of looks) t.true(contrast >= 4.5, JSON.stringify(looks));
});

test('it prints', async (t) => {
  const page = await open(WIDE);
  const pdf = await page.pdf();
  t.is(pdf.subarray(0, 5).toString('latin1'), '%PDF-');
  t.true(pdf.length > 20_000);
});

/** The least contrast of any text to what is behind it. */
const CONTRAST = `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => rgb.slice(0, 3).map((each) => { const c = each / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => { for (let at = element; at; at = at.parentElement) { const colour = parse(getComputedStyle(at).backgroundColor); if (colour.length < 4 || colour[3] === 1) return colour; } return [255, 255, 255]; };
  const texts = [...document.querySelectorAll('main *, nav *, footer *')].filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '') && each.closest('svg, .hidden') === null);
  return Math.min(...texts.map((each) => { const [a, b] = [luminance(parse(getComputedStyle(each).color)), luminance(behind(each))].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); }));
})()`;

/** Mean brightness of a PNG's first rows; of those, filters of type 0 to 4 are undone for the plain RGB that Chromium writes. */
function brightness(png: Buffer): { readonly mean: number } {
  const width = png.readUInt32BE(16);
  const channels = png[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  let above = Buffer.alloc(stride);
  let sum = 0;
  const rows = 200;
  for (let row = 0; row < rows; row += 1) {
    const filter = raw[row * (stride + 1)] ?? 0;
    const line = Buffer.from(raw.subarray(row * (stride + 1) + 1, (row + 1) * (stride + 1)));
    for (let i = 0; i < stride; i += 1) {
      const [a, b, c] = [i < channels ? 0 : (line[i - channels] ?? 0), above[i] ?? 0, i < channels ? 0 : (above[i - channels] ?? 0)];
      const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      line[i] = ((line[i] ?? 0) + ([0, a, b, (a + b) >> 1, paeth][filter] ?? 0)) & 255;
      if (i % channels < 3) sum += line[i] ?? 0;
    }
    above = line;
  }
  return { mean: sum / (rows * width * 3) };
}
