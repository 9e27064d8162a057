import { start } from './build-start.mjs';

/** Called by any name: only an ES module lacks `__filename`. Kept open, the file stays the same one when another takes its name. */
const FROM_DISK = `const file = typeof __filename === 'string' ? __filename : process.argv[1];
start(file, process.getBuiltinModule('node:fs').openSync(file, 'r'), parts, './main.js');`;
const FROM_EXECUTABLE = "start(process.getBuiltinModule('node:path').join(process.execPath, '../imgkit.mjs'), null, parts, './main.js');";

const head = (version, table, call) => `#!/usr/bin/env node
// imgkit ${version} in one file, for any Node from 20.19 on: node imgkit.mjs --help
//
// The program is in the comment that ends this file: its parts, one after the other, each below a line "//// ./NAME", and
// the packages it uses among them. start() runs a part when something in it is first needed, so that Node does not read
// megabytes to say a version. For each part the table has its line, its first byte and its length. What would end the
// comment, and what is not ASCII, is written as @u and four hexadecimal digits. Behind the parts are the licences.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(\`imgkit needs Node 20.19 or later; this is \${process.version}.\`);
  process.exit(2);
}
const parts = {
${table.map(([name, ...place]) => `  ${JSON.stringify(name)}: ${JSON.stringify(place)},`).join('\n')}
};
${call}

${start}
`;

/**
 * One file out of the chunks of a bundle with its packages inside, as a module or a CommonJS script: it is right as either, so
 * it may get any name. All of it is ASCII: a single other character makes V8 take twice as long to skip the comment.
 *
 * @param {{ files: { name: string, text: string }[], version: string, notice: string }} contents
 * @returns {{ text: string, executable: string }} the file, and the short script that starts it from inside an executable
 */
export function oneFile({ files, version, notice }) {
  const parts = files.map(({ name, text }) => ({ name: `./${name}`, text: commented(`//// ./${name}\n${text.replace(/^#!.*\n/, '').trimEnd()}\n`) }));
  const open = '\n/*\n';
  const table = (script) => {
    let [line, offset] = [script.split('\n').length + 1, script.length + open.length];
    return parts.map(({ name, text }) => {
      const place = [name, line, offset, text.length];
      line += text.split('\n').length - 1;
      offset += text.length;
      return place;
    });
  };
  // The numbers are part of what they count: until none changes any more.
  let script = head(version, table(''), FROM_DISK);
  for (let before = ''; before !== script; ) {
    before = script;
    script = head(version, table(script), FROM_DISK);
  }
  return { text: `${script}${open}${parts.map(({ text }) => text).join('')}\n${commented(notice)}*/\n`, executable: head(version, table(script), FROM_EXECUTABLE) };
}

/** As it may stand in the comment; `start` undoes it. */
function commented(text) {
  return text.replaceAll(/[^\t\n -~]|(?<=\*)\/|@(?=u[0-9a-f]{4})/g, (unit) => `@u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
