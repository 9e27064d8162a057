import { STYLE_COLOURS } from './style/style-colours.js';
import { STYLE_EXPLORER } from './style/style-explorer.js';
import { STYLE_PAGE } from './style/style-page.js';
import { STYLE_PRINT } from './style/style-print.js';
import { STYLE_TABLES } from './style/style-tables.js';

/** The style of the page, as text; the script's elements are styled here as well. */
export const PAGE_STYLE = [STYLE_COLOURS, STYLE_PAGE, STYLE_TABLES, STYLE_EXPLORER, STYLE_PRINT].join('');
