import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { publint } from 'publint';
import { runOrThrow } from '../helpers/run.js';
import { makeScratch } from '../helpers/scratch.js';

// What npm would publish, unpacked where a program would have it, with nothing but the types of Node beside it.
const root = resolve(import.meta.dirname, '../../..');
const scratch = makeScratch();
const installed = scratch.path('consumer/node_modules/imgkit');
let names: readonly string[] = [];

test.before(async () => {
  const [{ filename, files }] = JSON.parse(await runOrThrow('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch.path('.')], { cwd: root })) as [{ filename: string; files: { path: string }[] }];
  names = files.map(({ path }) => path);
  await mkdir(installed, { recursive: true });
  await runOrThrow('tar', ['-xzf', scratch.path(filename), '--strip-components=1', '-C', installed]);
  await mkdir(scratch.path('consumer/node_modules/@types'));
  for (const name of ['@types/node', 'undici-types']) await symlink(join(root, 'node_modules', name), scratch.path(`consumer/node_modules/${name}`));
  await writeFile(scratch.path('consumer/package.json'), '{ "type": "module" }');
});
test.after.always(() => scratch.remove());

test('the library, the command, its man pages and three documents, and nothing else', (t) => {
  const allowed = /^(?:package\.json|LICENSE|README\.md|CHANGELOG\.md|dist\/lib\/[\w.-]+\.js|dist\/(?:src|formats)\/[\w/.-]+\.d\.ts|dist\/cli\/bundle\/[\w.-]+\.js|dist\/cli\/bundle\/package\.json|docs\/man\/imgkit[\w-]*\.1)$/;
  t.deepEqual(names.filter((name) => !allowed.test(name)), []);
  for (const name of ['dist/lib/index.js', 'dist/src/index.d.ts', 'dist/cli/bundle/main.js', 'docs/man/imgkit.1', 'LICENSE']) t.true(names.includes(name), name);
});

test('publint finds nothing, and there are no install scripts', async (t) => {
  const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
  t.deepEqual(messages, []);
  const { scripts } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  t.deepEqual(Object.keys(scripts).filter((name) => /^(?:pre|post)?(?:install|prepare|publish|pack)/.test(name)), []);
});

const PROGRAM = `
import { ImgkitError, isImgkitError, list, verify, type ErrorCode, type ListedImage } from 'imgkit';

export async function names(location: string, signal: AbortSignal): Promise<readonly string[]> {
  const { images } = await list({ location, signal });
  return images.flatMap((image: ListedImage) => image.names);
}
export async function code(location: string): Promise<ErrorCode | undefined> {
  try {
    await verify({ target: location });
    return undefined;
  } catch (error) {
    return isImgkitError(error) ? error.code : undefined;
  }
}
export const made: Error = new ImgkitError('usage', 'wrong');
// @ts-expect-error: the declarations are found, and are not any.
await list({ locations: 1 });
`;

const PROGRAMS: Readonly<Record<string, string>> = { 'program.ts': PROGRAM, 'program.cts': PROGRAM.replace(/^await (.*);$/m, 'void $1;') };

for (const { module, moduleResolution, files } of [
  { module: 'nodenext', moduleResolution: 'nodenext', files: ['program.ts', 'program.cts'] },
  { module: 'esnext', moduleResolution: 'bundler', files: ['program.ts'] },
]) {
  test(`programs find the types: ${moduleResolution}`, async (t) => {
    const folder = scratch.path(`consumer/${moduleResolution}`);
    await mkdir(folder);
    for (const file of files) await writeFile(join(folder, file), PROGRAMS[file] ?? '');
    const compilerOptions = { module, moduleResolution, target: 'es2023', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: ['node'], noEmit: true };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    await t.notThrowsAsync(runOrThrow(process.execPath, [tsc, '-p', folder]));
  });
}

test('every package that is used when it runs is a dependency', async (t) => {
  const { dependencies, optionalDependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
  const known = new Set([...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {})]);
  const used = new Set<string>();
  for (const name of names.filter((each) => /^dist\/lib\/.*\.js$/.test(each))) {
    for (const [, fixed, lazy] of (await readFile(join(installed, name), 'utf8')).matchAll(/^(?:import|\} from) ?.*?"([^".][^"]*)";$|\bimport\("([^".][^"]*)"\)/gm)) {
      const specifier = fixed ?? lazy ?? '';
      if (!specifier.startsWith('node:')) used.add(/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '');
    }
  }
  t.true(used.size > 5, [...used].join());
  t.deepEqual([...used].filter((name) => !known.has(name)), []);
});

test('what was unpacked runs', async (t) => {
  for (const name of await readdir(join(root, 'node_modules'))) if (name !== 'imgkit' && !name.startsWith('.') && name !== '@types') await symlink(join(root, 'node_modules', name), scratch.path(`consumer/node_modules/${name}`)).catch(() => undefined);
  t.regex(await runOrThrow(process.execPath, [join(installed, 'dist/cli/bundle/main.js'), '--version']), /^\d+\.\d+\.\d+\n$/);
  const { ImgkitError } = (await import(pathToFileURL(join(installed, 'dist/lib/index.js')).href)) as typeof import('../../src/index.js');
  t.is(new ImgkitError('usage', 'wrong').code, 'usage');
});
