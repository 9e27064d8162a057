/** Reads the data block: columns into typed arrays, children found without a search, sizes summed up. */
export const SCRIPT_DATA = String.raw`
const element = (id) => document.getElementById(id);
const data = JSON.parse(element('data').textContent);
const count = data.names.length;
/** Bytes, files below, and the layer that most of it comes from, of every node. */
const bytesOf = new Float64Array(count);
const filesOf = new Float64Array(count);
const layerOf = new Int32Array(count);
const restFiles = new Float64Array(count);
const restBytes = new Float64Array(count);
/** The children of node i are child[first[i]] to child[first[i + 1] - 1]. */
const first = new Int32Array(count + 1);
const child = new Int32Array(count);
const isFolder = (i) => data.sizes[i] < 0;

for (let i = 0; i < data.rest.length; i += 3) {
  restFiles[data.rest[i]] = data.rest[i + 1];
  restBytes[data.rest[i]] = data.rest[i + 2];
}
for (let i = 1; i < count; i += 1) first[data.parents[i] + 1] += 1;
for (let i = 0; i < count; i += 1) first[i + 1] += first[i];
{
  const next = first.slice();
  for (let i = 1; i < count; i += 1) child[next[data.parents[i]]++] = i;
}
{
  const most = new Float64Array(count);
  // Parents stand before their children: from the end, every node is complete when its turn comes.
  for (let i = count - 1; i >= 0; i -= 1) {
    bytesOf[i] += isFolder(i) ? restBytes[i] : data.sizes[i];
    filesOf[i] += isFolder(i) ? restFiles[i] : 1;
    if (!isFolder(i)) layerOf[i] = data.layers[i];
    if (i === 0) continue;
    const parent = data.parents[i];
    bytesOf[parent] += bytesOf[i];
    filesOf[parent] += filesOf[i];
    if (bytesOf[i] > most[parent]) {
      most[parent] = bytesOf[i];
      layerOf[parent] = layerOf[i];
    }
  }
}

/** What is in a folder, largest first: nodes, and -1 for its files that have no node. */
function contentsOf(folder) {
  const items = [];
  for (let at = first[folder]; at < first[folder + 1]; at += 1) {
    const i = child[at];
    items.push({ node: i, bytes: bytesOf[i], files: filesOf[i] });
  }
  if (restFiles[folder] > 0) items.push({ node: -1, bytes: restBytes[folder], files: restFiles[folder] });
  return items.sort((a, b) => b.bytes - a.bytes || a.node - b.node);
}

function pathOf(node) {
  const names = [];
  for (let i = node; i > 0; i = data.parents[i]) names.push(data.names[i]);
  return '/' + names.reverse().join('/');
}
`;
