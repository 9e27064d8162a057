/** The map: a bounded number of tiles whatever the image is, walked with the arrow keys. */
export const SCRIPT_MAP = String.raw`
const MOST_TILES = 120;
const MOST_INNER = 40;
const MOST_INNER_IN_ALL = 400;
const map = element('map');
let folder = 0;
let tiles = [];
let active = 0;

function place(made, tile, width, height) {
  made.style.left = 100 * tile.x / width + '%';
  made.style.top = 100 * tile.y / height + '%';
  made.style.width = 100 * tile.w / width + '%';
  made.style.height = 100 * tile.h / height + '%';
}

function nameOf(item) {
  return item.node < 0 ? countText(item.files, 'smaller file', 'smaller files') : data.names[item.node] + (isFolder(item.node) ? '/' : '');
}

/** What is in a folder that has a tile: to look at only. Returns how many parts it drew, at most room. */
function drawInner(box, node, width, height, room, depth) {
  let drawn = 0;
  for (const each of layOut(atMost(contentsOf(node), MOST_INNER), width, height)) {
    if (drawn >= room) break;
    const folds = each.item.node >= 0 && isFolder(each.item.node);
    const part = make('span', 'part ' + (each.item.node < 0 ? 'some' : 'fill' + shadeOf(layerOf[each.item.node])));
    place(part, each, width, height);
    const labelled = each.w > 50 && each.h > 17;
    if (labelled) part.append(make('span', 'part-name', nameOf(each.item)));
    box.append(part);
    drawn += 1;
    if (folds && labelled && depth < 3 && each.w > 70 && each.h > 60) {
      const deeper = make('span', 'deeper');
      drawn += drawInner(deeper, each.item.node, each.w - 6, each.h - 22, room - drawn, depth + 1);
      part.append(deeper);
    }
  }
  return drawn;
}

function drawMap() {
  const width = map.clientWidth;
  const height = map.clientHeight;
  tiles = layOut(atMost(contentsOf(folder), MOST_TILES), width, height);
  let inner = 0;
  const drawn = tiles.map((tile, number) => {
    const { item } = tile;
    const opens = item.node >= 0 && isFolder(item.node);
    const made = make('button', 'tile ' + (item.node < 0 ? 'some' : 'fill' + shadeOf(layerOf[item.node])) + (opens ? ' opens' : ''));
    made.type = 'button';
    made.dataset.number = number;
    made.tabIndex = number === active ? 0 : -1;
    made.setAttribute('aria-label', nameOf(item) + ', ' + (opens ? 'folder, ' : '') + sizeText(item.bytes) + ', ' + shareText(item.bytes, bytesOf[folder]) + ', ' + (number + 1) + ' of ' + tiles.length);
    place(made, tile, width, height);
    if (tile.w > 46 && tile.h > 17) {
      const label = make('span', 'label');
      label.append(make('b', '', nameOf(item)));
      if (tile.h > 34 || tile.w > 150) label.append(make('i', '', sizeText(item.bytes)));
      if (tile.h <= 34) label.classList.add('line');
      made.append(label);
    }
    if (opens && tile.w > 70 && tile.h > 60 && inner < MOST_INNER_IN_ALL) {
      const box = make('span', 'inner');
      box.setAttribute('aria-hidden', 'true');
      inner += drawInner(box, item.node, tile.w - 6, tile.h - 44, MOST_INNER_IN_ALL - inner, 1);
      made.append(box);
    }
    return made;
  });
  map.replaceChildren(...drawn);
  if (tiles.length === 0) map.append(make('p', 'empty', 'Nothing in here takes any bytes.'));
  map.setAttribute('aria-label', 'Map of ' + pathOf(folder) + ', ' + sizeText(bytesOf[folder]));
  map.dataset.drawn = tiles.length + inner;
}

function activate(number, focus) {
  const made = map.children[number];
  if (tiles[number] === undefined || made === undefined) return;
  if (map.children[active]) map.children[active].tabIndex = -1;
  active = number;
  made.tabIndex = 0;
  if (focus) made.focus();
}

/** The next tile in a direction: nearest first along it, then across it. */
function neighbour(from, key) {
  const across = key === 'ArrowLeft' || key === 'ArrowRight';
  const sign = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : -1;
  const here = tiles[from];
  const [cx, cy] = [here.x + here.w / 2, here.y + here.h / 2];
  let best = -1;
  let least = Infinity;
  for (const [i, tile] of tiles.entries()) {
    const gap = across ? (sign > 0 ? tile.x - here.x - here.w : here.x - tile.x - tile.w) : (sign > 0 ? tile.y - here.y - here.h : here.y - tile.y - tile.h);
    if (i === from || gap < -0.5) continue;
    const off = across ? Math.max(tile.y - cy, cy - tile.y - tile.h, 0) : Math.max(tile.x - cx, cx - tile.x - tile.w, 0);
    const distance = Math.max(gap, 0) + 2 * off;
    if (distance < least) { least = distance; best = i; }
  }
  return best < 0 ? from : best;
}
`;
