// Writes docs/man: imgkit.1 and a page for each command, from the tables that the help, the parser and completion read.
//
//   npm run docs            (builds first)
//
// A test of the default suite compares what is committed with what this makes: run it after every change of a command.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manPages } from './dist/cli/man/pages.js';

const folder = join(import.meta.dirname, 'docs/man');
const pages = await manPages();
await mkdir(folder, { recursive: true });
for (const [name, text] of pages) await writeFile(join(folder, name), text);
for (const name of await readdir(folder)) if (!pages.has(name)) await rm(join(folder, name));
console.log(`${pages.size} man pages in docs/man`);
