import { bunzip2Stream } from '../../src/content/bunzip2-stream.js';
import { unxzStream } from '../../src/content/unxz-stream.js';
import { engineAddress } from '../../src/engine/engine-address.js';
import type { EngineClient } from '../../src/engine/engine-client.js';
import { engineImageId, exportEngineImages, listEngineImages, loadIntoEngine } from '../../src/engine/engine-images.js';
import { FileTree } from '../../src/filesystem/file-tree.js';
import { LayerChanges } from '../../src/filesystem/layer-changes.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { TarScanner } from '../../src/tar/tar-scanner.js';
import { encodeHeader, type TarHeaderFields } from '../../src/tar/encode-header.js';
import { BYTES } from './fuzz-bytes.js';
import { JSON_CHANGES } from './fuzz-json.js';
import type { Seeds } from './fuzz-seeds.js';
import { drain, pieces, textTarget, type Change, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';

/** A layer that does what layers do: folders, links, whiteouts, attributes. */
export const LAYER_ENTRIES: readonly TarHeaderFields[] = [
  { path: 'a', type: 'directory' }, { path: 'a/b' }, { path: 'a/c', type: 'hardlink', linkPath: 'a/b' }, { path: 'd', type: 'symlink', linkPath: 'a' }, { path: 'd/e' },
  { path: 'a/.wh.b' }, { path: 'f', type: 'directory' }, { path: 'f/.wh..wh..opq' }, { path: 'x', xattrs: new Map([['user.a', Buffer.from('b')]]) }, { path: 'n', type: 'character-device', devMajor: 1, devMinor: 3 },
];
const NAMES = ['a', 'a/b', 'a/b/c', 'd', 'd/..', '../x', '/etc', './a', 'a/', '.wh.', '.wh..', '.wh..wh..opq', '.wh.a', 'a/.wh..wh.x', '', '.', 'a//b', 'a\\b', '\0', 'x'.repeat(200)];
const TYPES: readonly TarHeaderFields['type'][] = ['file', 'hardlink', 'symlink', 'directory', 'fifo'];

/** What is inside of layers, of compressed inputs, and what the engine answers. */
export function contentTargets(seeds: Seeds): readonly FuzzTarget[] {
  return [
    { name: 'bzip2', seeds: [seeds('text.bz2'), Buffer.concat([seeds('text.bz2'), seeds('text.bz2')])], changes: BYTES, run: (bytes) => drain(bunzip2Stream(pieces(bytes, 100), { name: 'the file', limits: DEFAULT_LIMITS })) },
    { name: 'xz', share: 0.1, seeds: [seeds('text.xz')], changes: BYTES, run: (bytes) => drain(unxzStream(pieces(bytes, 100), { name: 'the file', limits: DEFAULT_LIMITS })) },
    { name: 'layer-tree', seeds: [Buffer.concat(LAYER_ENTRIES.map(encodeHeader))], changes: [entryChange, entryChange, entryChange, ...BYTES], run: treeOf },
    textTarget('engine-list', ['[{"Id":"sha256:ab","RepoTags":["a:1","<none>:<none>"],"Created":1700000000,"Size":12},{"Id":"x","RepoTags":null}]'], [...JSON_CHANGES, ...TEXT], (text) => listEngineImages(answering(200, text))),
    textTarget('engine-image', ['{"Id":"sha256:ab","RepoTags":["a:1"]}'], [...JSON_CHANGES, ...TEXT], (text) => engineImageId(answering(200, text), 'a:1')),
    textTarget('engine-load', ['{"stream":"Loading"}\n{"errorDetail":{"message":"x"},"error":"x"}\n'], [...JSON_CHANGES, ...TEXT], (text) => loadIntoEngine(answering(200, text), pieces(Buffer.alloc(0)), 0)),
    textTarget('engine-error', ['{"message":"No such image: a:1"}'], [...JSON_CHANGES, ...TEXT], (text) => exportEngineImages(answering(500, text), ['a:1'])),
  ];
}

/** Another entry somewhere, or one twice; its header is right. */
export const entryChange: Change = (bytes, random) => {
  const at = random.below(Math.floor(bytes.length / 512) + 1) * 512;
  const [path, linkPath, type = 'file'] = [random.pick(NAMES), random.pick(NAMES), random.pick(TYPES)];
  try {
    const header = encodeHeader({ path, type, linkPath: type.endsWith('link') ? linkPath : undefined });
    return Buffer.concat([bytes.subarray(0, at), header, bytes.subarray(at)]);
  } catch {
    return bytes;
  }
};

/** Applied to a tree that has the right layer already. */
function treeOf(bytes: Buffer): void {
  const tree = new FileTree(DEFAULT_LIMITS);
  for (const [number, content] of [Buffer.concat(LAYER_ENTRIES.map(encodeHeader)), bytes].entries()) {
    const changes = new LayerChanges(number, 'the layer');
    const scanner = new TarScanner({ file: 'the layer', mode: 'layer', limits: DEFAULT_LIMITS, onEntry: (each) => void changes.add(each) });
    scanner.push(content);
    scanner.end();
    tree.apply(changes);
  }
}

/** An engine that gives one answer. */
function answering(status: number, text: string): EngineClient {
  return {
    address: engineAddress('unix:///engine.sock'),
    request: () => Promise.resolve({ status, body: pieces(Buffer.from(text)) } as unknown as Awaited<ReturnType<EngineClient['request']>>),
    close: () => Promise.resolve(),
  };
}
