import { SCRIPT_DATA } from './script-data.js';
import { SCRIPT_LAYOUT } from './script-layout.js';
import { SCRIPT_LIST } from './script-list.js';
import { SCRIPT_MAP } from './script-map.js';
import { SCRIPT_TEXT } from './script-text.js';
import { SCRIPT_WALK } from './script-walk.js';

/** Starts when all functions are there; a page about a broken image has nothing to walk through. */
const START = String.raw`
element('explorer').hidden = false;
show(0);
watchSize();
document.documentElement.dataset.ready = 'yes';
`;

/**
 * The script of the page, as text: the command is bundled into one file, so that nothing can be read from beside it. The pieces share
 * one scope. They set text and styles of elements, and never make HTML of a string: the page's policy would stop that.
 */
export const PAGE_SCRIPT = `(() => {
'use strict';
if (document.getElementById('explorer') === null) return;
${[SCRIPT_DATA, SCRIPT_TEXT, SCRIPT_LAYOUT, SCRIPT_MAP, SCRIPT_LIST, SCRIPT_WALK, START].join('')}})();
`;
