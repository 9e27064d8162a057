import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = import.meta.dirname;

/** The licence texts of every package that one of these files is from, one after the other, by name. */
export async function licences(inputs) {
  const folders = new Set(inputs.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  const texts = await Promise.all([...folders].map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const files = (await readdir(join(root, folder))).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file)).sort();
    const bodies = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
    return `${name} ${version} (${typeof license === 'string' ? license : 'see below'})\n\n${bodies.join('\n').trim()}`;
  }));
  return `This program contains the following packages.\n\n${texts.sort().join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}
