// Makes images without running anything: from a folder, with one layer more, and with other settings.
import { mkdir, writeFile } from 'node:fs/promises';
import { append, diff, edit, importImage } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  await mkdir(path('site/www'), { recursive: true });
  await writeFile(path('site/www/index.html'), '<h1>Hello</h1>\n');
  // Owner and time given, the bytes depend on the content alone.
  const made = await importImage({ rootfs: path('site'), to: `${path('site.tar')}#site:1`, owner: '0:0', created: '0', changes: ['CMD ["/bin/hello"]'] });
  console.log(`${made.names.join(', ')}: ${made.changes.join(', ')}`);
  const more = await append({ location: image.output, to: `${path('more.tar')}#hello:more`, layers: [path('site')], owner: '0:0' });
  console.log(`${more.layers.length} layer on top of ${more.from === image.output ? 'hello.tar' : more.from}`);
  const other = await edit({ location: image.output, to: `${path('other.tar')}#hello:other`, env: new Map([['LANG', 'C']]) });
  const { files, config = [] } = await diff({ old: image.output, new: `${path('other.tar')}#hello:other` });
  console.log(`${other.changes.join(', ')}: ${[...(files?.changes ?? [])].length} files and ${config.length} setting differ`);
});
