// Writes docs/man: imgkit.1 and a page for each command, from the tables that the help, the parser and completion read; and
// the tables of docs/errors.md, from the index of errors that `imgkit help CODE` reads.
//
//   npm run docs            (builds first)
//
// A test of the default suite compares what is committed with what this makes: run it after every change of a command or an error.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withErrorTables } from './dist/cli/help/error-pages.js';
import { manPages } from './dist/cli/man/pages.js';

const folder = join(import.meta.dirname, 'docs/man');
const pages = await manPages();
await mkdir(folder, { recursive: true });
for (const [name, text] of pages) await writeFile(join(folder, name), text);
for (const name of await readdir(folder)) if (!pages.has(name)) await rm(join(folder, name));
const errors = join(import.meta.dirname, 'docs/errors.md');
await writeFile(errors, withErrorTables(await readFile(errors, 'utf8')));
console.log(`${pages.size} man pages in docs/man, and docs/errors.md`);
