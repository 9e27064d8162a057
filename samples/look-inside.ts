// Lists the files that a container of the image would see, and reads one of them, without unpacking anything.
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { cat, files } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ image }) => {
  const { entries, layers } = await files({ location: image.output });
  for (const { path, type, size, layer } of entries) if (type === 'file') console.log(`${path}: ${size} bytes, layer ${layer} of ${layers.length}`);
  const stdout = new PassThrough();
  const [content, { path }] = await Promise.all([text(stdout), cat({ location: image.output, path: '/VERSION', stdout }).finally(() => stdout.end())]);
  console.log(`${path} says ${content.trim()}`);
});
