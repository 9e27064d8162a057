/** The list beside the map: what is in the folder, or what a search found. */
export const SCRIPT_LIST = String.raw`
const MOST_ROWS = 100;
const list = element('list');
const search = element('search');
let paths;

/** Nodes whose path holds the text, largest first. */
function find(text) {
  paths ??= data.names.map((_, i) => pathOf(i).toLowerCase());
  const wanted = text.toLowerCase();
  const found = [];
  for (let i = 1; i < count; i += 1) if (paths[i].includes(wanted)) found.push({ node: i, bytes: bytesOf[i], files: filesOf[i] });
  return found.sort((a, b) => b.bytes - a.bytes || a.node - b.node);
}

function drawList() {
  const query = search.value.trim();
  const items = query === '' ? contentsOf(folder) : find(query);
  const whole = query === '' ? bytesOf[folder] : bytesOf[0];
  const most = items.length > 0 ? items[0].bytes : 0;
  const rows = items.slice(0, MOST_ROWS).map((item, number) => {
    const row = make(item.node < 0 ? 'div' : 'button', 'row' + (item.node >= 0 && isFolder(item.node) ? ' opens' : ''));
    if (item.node >= 0) {
      row.type = 'button';
      row.dataset.node = item.node;
      row.tabIndex = number === 0 ? 0 : -1;
    }
    const name = make('span', 'name', query === '' || item.node < 0 ? nameOf(item) : pathOf(item.node) + (isFolder(item.node) ? '/' : ''));
    const amount = make('span', 'amount', sizeText(item.bytes));
    const share = make('span', 'share', shareText(item.bytes, whole));
    const line = make('span', 'line');
    line.style.width = most > 0 ? Math.max(100 * item.bytes / most, item.bytes > 0 ? 0.5 : 0) + '%' : '0';
    row.append(name, amount, share, line);
    return row;
  });
  if (items.length > MOST_ROWS) rows.push(make('p', 'more', countText(items.length - MOST_ROWS, 'more', 'more')));
  if (items.length === 0) rows.push(make('p', 'empty', query === '' ? 'An empty folder.' : 'No name holds that.'));
  list.replaceChildren(...rows);
  list.scrollTop = 0;
  list.setAttribute('aria-label', query === '' ? 'In ' + pathOf(folder) : 'Found');
  element('status').textContent = query === ''
    ? pathOf(folder) + ' holds ' + sizeText(bytesOf[folder]) + ' in ' + countText(filesOf[folder], 'file', 'files')
    : countText(items.length, 'match', 'matches') + ' for “' + query + '”';
}
`;
