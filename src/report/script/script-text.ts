/** Numbers and names as the page writes them, and a short way to make elements: text goes in as text, never as HTML. */
export const SCRIPT_TEXT = String.raw`
function sizeText(bytes) {
  if (bytes < 1000) return bytes + '\u00a0B';
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return value.toFixed(1) + '\u00a0' + units[unit];
}

function countText(number, one, many) {
  const digits = String(number).replace(/\B(?=(\d{3})+$)/g, ',');
  return digits + '\u00a0' + (number === 1 ? one : many);
}

function shareText(part, whole) {
  if (whole <= 0 || part <= 0) return '0\u00a0%';
  if (part >= whole) return '100\u00a0%';
  const percent = 100 * part / whole;
  return percent < 0.1 ? '<\u00a00.1\u00a0%' : Math.min(percent, 99.9).toFixed(1) + '\u00a0%';
}

function shadeOf(layer) {
  return data.layerCount <= 1 ? 7 : Math.round((layer - 1) * 7 / (data.layerCount - 1));
}

function make(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** One line about an item of a folder. */
function describe(item) {
  if (item.node < 0) return countText(item.files, 'smaller file', 'smaller files') + ', ' + sizeText(item.bytes);
  if (isFolder(item.node)) return pathOf(item.node) + '/, ' + countText(item.files, 'file', 'files') + ', ' + sizeText(item.bytes);
  const step = data.steps[data.layers[item.node] - 1];
  return pathOf(item.node) + ', ' + sizeText(item.bytes) + ', layer ' + data.layers[item.node] + (step ? ': ' + step : '');
}
`;
