// Compiles src/deflate/assembly, which is AssemblyScript, to the WebAssembly module that gzip is written with. Nothing else is
// made in another language: a compressor in JavaScript is several times slower, and Node's gives other bytes with other versions.
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'src/deflate/assembly');
/** 64 KiB each; the map is in src/deflate/assembly/memory.ts. */
const PAGES = 42;

let compiled;

/** The module that holds it, as src/deflate/wasm-base64.d.ts says. @returns {Promise<string>} JavaScript */
export function compileDeflate() {
  return (compiled ??= compile());
}

/** Puts it into a bundle. @type {import('esbuild').Plugin} */
export const deflateInside = {
  name: 'deflate-inside',
  setup(builder) {
    builder.onLoad({ filter: /src\/deflate\/wasm-base64\.ts$/ }, async () => ({ contents: await compileDeflate(), loader: 'js' }));
  },
};

async function compile() {
  const { default: asc } = await import('assemblyscript/asc');
  let wasm;
  const { error, stderr } = await asc.main(
    ['index.ts', '--outFile', 'deflate.wasm', '--optimizeLevel', '3', '--converge', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--memoryBase', '1024', '--initialMemory', `${PAGES}`, '--maximumMemory', `${PAGES}`, '--baseDir', folder],
    { writeFile: (name, contents) => { if (name === 'deflate.wasm') wasm = contents; } },
  );
  if (error !== null || wasm === undefined) throw new Error(`src/deflate/assembly does not compile:\n${stderr.toString()}`);
  return `export const DEFLATE_WASM = '${Buffer.from(wasm).toString('base64')}';\n`;
}
