// What changed between two releases: files, settings, and how little had to be read to tell.
import { diff } from '../src/index.js';
import { makeImage } from './make-image.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  const newer = await makeImage({ output: path('newer.tar'), version: '1.3.0' });
  const { same, files, config = [] } = await diff({ old: image.output, new: newer.output });
  console.log(same ? 'nothing differs' : 'they differ');
  for (const { kind, path: changed, differences } of files?.changes ?? []) console.log(`${kind} ${changed} (${differences.join(', ')})`);
  for (const { field, old, new: fresh } of config) console.log(`${field}: ${old} -> ${fresh}`);
  for (const { read, shared } of files?.layers ?? []) console.log(`${shared ? 'a layer of both' : 'a layer of one'}: ${read} read`);
});
