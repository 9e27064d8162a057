/**
 * Lays items out as a squarified treemap (Bruls, Huizing, van Wijk: "Squarified Treemaps", 2000): rows along the shorter side, each
 * closed when another item would make its tiles less square. Items come largest first.
 */
export const SCRIPT_LAYOUT = String.raw`
function layOut(items, width, height) {
  const tiles = [];
  let left = 0;
  for (const item of items) left += item.bytes;
  if (left <= 0 || width <= 0 || height <= 0) return tiles;
  const scale = width * height / left;
  let [x, y, w, h] = [0, 0, width, height];
  let at = 0;
  while (at < items.length) {
    const side = Math.max(Math.min(w, h), 1e-6);
    const start = at;
    let area = 0;
    let worst = Infinity;
    while (at < items.length) {
      const grown = area + items[at].bytes * scale;
      const largest = items[start].bytes * scale;
      const smallest = items[at].bytes * scale;
      const ratio = Math.max(side * side * largest / (grown * grown), grown * grown / (side * side * Math.max(smallest, 1e-9)));
      if (at > start && ratio > worst) break;
      area = grown;
      worst = ratio;
      at += 1;
    }
    const thickness = area / side;
    let along = 0;
    for (let i = start; i < at; i += 1) {
      const length = items[i].bytes * scale / Math.max(thickness, 1e-9);
      if (w >= h) tiles.push({ item: items[i], x, y: y + along, w: thickness, h: length });
      else tiles.push({ item: items[i], x: x + along, y, w: length, h: thickness });
      along += length;
    }
    if (w >= h) { x += thickness; w -= thickness; } else { y += thickness; h -= thickness; }
  }
  return tiles;
}

/** The items that get a tile; those after the first most become one. */
function atMost(items, most) {
  const filled = items.filter((item) => item.bytes > 0);
  if (filled.length <= most) return filled;
  const shown = filled.slice(0, most - 1);
  const more = { node: -1, bytes: 0, files: 0 };
  for (const item of filled.slice(most - 1)) { more.bytes += item.bytes; more.files += item.files; }
  return [...shown, more].sort((a, b) => b.bytes - a.bytes || a.node - b.node);
}
`;
