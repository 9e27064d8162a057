/** Walking: pointer, keys, the path above the map. Nothing listens for keys outside the map, the list and the search field. */
export const SCRIPT_WALK = String.raw`
const detail = make('p', 'detail', '\u00a0');
element('map').after(detail);

function show(target, focusNode, where) {
  folder = target;
  active = 0;
  if (focusNode !== undefined) active = Math.max(0, layOut(atMost(contentsOf(folder), MOST_TILES), 1, 1).findIndex((tile) => tile.item.node === focusNode));
  drawCrumbs();
  drawMap();
  drawList();
  if (where === 'map') activate(active, true);
  if (where === 'list') (list.querySelector('[data-node="' + focusNode + '"]') ?? list.querySelector('button') ?? element('crumbs').lastElementChild).focus();
  if (where === 'crumbs') element('crumbs').querySelector('button:last-of-type')?.focus();
}

function up(where) {
  if (folder !== 0) show(data.parents[folder], folder, where);
}

function open(item, where) {
  if (item === undefined || item.node < 0) return;
  if (isFolder(item.node)) show(item.node, undefined, where);
  else tell(item);
}

function tell(item) {
  detail.textContent = item === undefined ? '\u00a0' : describe(item);
}

function drawCrumbs() {
  const parts = [];
  for (let i = folder; i > 0; i = data.parents[i]) parts.push(i);
  parts.push(0);
  element('crumbs').replaceChildren(...parts.reverse().map((node, at) => {
    const made = make('button', 'crumb', node === 0 ? '/' : data.names[node]);
    made.type = 'button';
    made.dataset.node = node;
    if (at === parts.length - 1) made.setAttribute('aria-current', 'location');
    return made;
  }));
}

const tileAt = (event) => event.target instanceof Element ? event.target.closest('.tile') : null;

map.addEventListener('click', (event) => {
  const tile = tileAt(event);
  if (tile === null) return;
  const number = Number(tile.dataset.number);
  activate(number, true);
  open(tiles[number].item, 'map');
});
map.addEventListener('pointerover', (event) => {
  const tile = tileAt(event);
  if (tile !== null) tell(tiles[Number(tile.dataset.number)].item);
});
map.addEventListener('focusin', (event) => {
  const tile = tileAt(event);
  if (tile === null) return;
  activate(Number(tile.dataset.number), false);
  tell(tiles[active].item);
});
map.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || tiles.length === 0) return;
  if (event.key.startsWith('Arrow')) activate(neighbour(active, event.key), true);
  else if (event.key === 'Home') activate(0, true);
  else if (event.key === 'End') activate(tiles.length - 1, true);
  else if (event.key === 'Backspace' || event.key === 'Escape') up('map');
  else return;
  event.preventDefault();
});

element('crumbs').addEventListener('click', (event) => {
  const crumb = event.target.closest('.crumb');
  if (crumb !== null) show(Number(crumb.dataset.node), undefined, 'crumbs');
});

list.addEventListener('click', (event) => {
  const row = event.target.closest('button.row');
  if (row === null) return;
  const node = Number(row.dataset.node);
  const searched = search.value.trim() !== '';
  if (isFolder(node)) {
    search.value = '';
    show(node, undefined, 'list');
  } else {
    if (searched) { search.value = ''; show(data.parents[node], node, 'list'); }
    tell({ node, bytes: bytesOf[node], files: 1 });
  }
});
list.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...list.querySelectorAll('button.row')];
  const at = rows.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to !== undefined) {
    if (event.key === 'ArrowUp' && at === 0) search.focus();
    else rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus();
  } else if (event.key === 'Backspace' || event.key === 'Escape') {
    if (search.value !== '') { search.value = ''; drawList(); search.focus(); } else up('list');
  } else return;
  event.preventDefault();
});
list.addEventListener('focusin', (event) => {
  const row = event.target.closest('button.row');
  if (row === null) return;
  for (const other of list.querySelectorAll('button.row[tabindex="0"]')) other.tabIndex = -1;
  row.tabIndex = 0;
  const node = Number(row.dataset.node);
  tell({ node, bytes: bytesOf[node], files: filesOf[node] });
});

search.addEventListener('input', drawList);
search.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && search.value !== '') { search.value = ''; drawList(); event.preventDefault(); }
  if (event.key === 'ArrowDown') { list.querySelector('button.row')?.focus(); event.preventDefault(); }
});

/** Tiles keep their places in percent; only labels and shapes depend on the size. */
function watchSize() {
  let [width, height] = [map.clientWidth, map.clientHeight];
  new ResizeObserver(() => {
    if (Math.abs(map.clientWidth - width) < 2 && Math.abs(map.clientHeight - height) < 2) return;
    [width, height] = [map.clientWidth, map.clientHeight];
    const focused = map.contains(document.activeElement);
    drawMap();
    if (focused) activate(active, true);
  }).observe(map);
}
`;
