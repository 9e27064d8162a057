import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** zstd's package and the one module that loads it: nothing can be awaited while a CommonJS module loads, so it is afterwards. */
const awaited = [
  [/@cloudpss\/zstd\/dist\/wasm\.js$/, 'const Module = await wasmModule();', 'let Module; export const ready = wasmModule().then((module) => { Module = module; });'],
  [/src\/content\/zstd-compress\.ts$/, "return await import('@cloudpss/zstd/wasm');", "const zstd = await import('@cloudpss/zstd/wasm'); await zstd.ready; return zstd;"],
];

/** Makes packages fit for a bundle that has them inside: without native code, all of which is optional. @type {import('esbuild').Plugin} */
export const packagesInside = {
  name: 'packages-inside',
  setup(builder) {
    builder.onResolve({ filter: /(?:^cpu-features$|\.node$)/ }, ({ path }) => ({ path, namespace: 'native' }));
    builder.onLoad({ filter: /.*/, namespace: 'native' }, ({ path }) => ({ contents: `throw new Error(${JSON.stringify(`${basename(path)} is not part of this build`)});` }));
    for (const [filter, from, to] of awaited) {
      builder.onLoad({ filter }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes(from)) throw new Error(`${path} no longer says ${from}`);
        return { contents: text.replace(from, to), loader: path.endsWith('.ts') ? 'ts' : 'js' };
      });
    }
  },
};
