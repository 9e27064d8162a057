/**
 * Runs the part `entry` of the one file (build-one-file.mjs). This function is written into that file, and into the URL of each
 * worker thread, as text: it uses nothing but its parameters and what Node has.
 *
 * @param {string} file an absolute path: what stack traces say, and where the search for a package begins that is not inside
 * @param {number | null} fd the file, open for reading for as long as the process runs, so that all parts are of one version of
 *   it; null in an executable, which has the file inside
 * @param {Readonly<Record<string, readonly [line: number, offset: number, length: number]>>} parts where each part is; lines count from 0
 * @param {string} entry
 */
export function start(file, fd, parts, entry) {
  const node = process.getBuiltinModule;
  const { compileFunction } = node('node:vm');
  const modules = new Map();

  function read(offset, length) {
    if (fd === null) return Buffer.from(node('node:sea').getRawAsset('imgkit.mjs'), offset, length);
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0, got; at < length; at += got) {
      got = node('node:fs').readSync(fd, bytes, at, length - at, offset + at);
      if (got === 0) throw changed();
    }
    return bytes;
  }

  function require(name) {
    if (!Object.hasOwn(parts, name)) return node(name) ?? node('node:module').createRequire(file)(name);
    let module = modules.get(name);
    if (module === undefined) {
      modules.set(name, (module = { exports: {} }));
      const [line, offset, length] = parts[name];
      const code = read(offset, length).latin1Slice().replaceAll(/@u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(`0x${hex}`));
      if (!code.startsWith(`//// ${name}\n`)) throw changed();
      compileFunction(code, ['exports', 'module', 'require', '__filename', '__worker'], { filename: file, lineOffset: line })(module.exports, module, require, file, worker);
    }
    return module.exports;
  }

  function changed() {
    return new Error(`${file} is not what it was when it was started`);
  }

  function worker(name) {
    const words = [file, fd, parts, `./${name}`].map((word) => JSON.stringify(word));
    return new URL(`data:text/javascript,${encodeURIComponent(`(${start})(${words})`)}`);
  }

  require(entry);
}
