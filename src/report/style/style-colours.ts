const SHADES = Array.from({ length: 8 }, (_, i) => `.shade${i}{background:var(--shade${i})}.fill${i}{background:var(--shade${i});fill:var(--shade${i})}`).join('\n');

/** Every colour, once for light and once for dark. The shades go from the base layer to the top; text is readable on each. */
export const STYLE_COLOURS = `
:root{color-scheme:light dark;
--ground:#f6f7f8;--paper:#fff;--ink:#16202a;--soft:#55616d;--line:#dfe3e8;--faint:#eef1f4;--accent:#1f5f99;--bar:#7ea6cc;--warn-bar:#d9a441;--focus:#0b62c4;
--good:#1c6b3c;--good-paper:#e2f2e7;--bad:#a3231c;--bad-paper:#fbe6e4;--neutral:#4c5661;--neutral-paper:#e9edf1;--amber:#7a5200;--amber-paper:#fbf0d6;
--shade0:#cbd5e0;--shade1:#b4cbe2;--shade2:#9bc2e2;--shade3:#8cc4d6;--shade4:#8dcabf;--shade5:#a9d19d;--shade6:#d3d28a;--shade7:#f2c86f;--some:#e4e7eb;--edge:#fff}
@media (prefers-color-scheme:dark){:root{
--ground:#101418;--paper:#171c22;--ink:#e4e9ee;--soft:#9aa6b2;--line:#2a323b;--faint:#1e252c;--accent:#86b9ec;--bar:#4a7fb5;--warn-bar:#b98427;--focus:#79b8ff;
--good:#86d7a4;--good-paper:#16301f;--bad:#ff9d94;--bad-paper:#3d1917;--neutral:#b4bec8;--neutral-paper:#252d35;--amber:#eac274;--amber-paper:#352a12;
--shade0:#36424f;--shade1:#324b66;--shade2:#2a5577;--shade3:#225d76;--shade4:#22635f;--shade5:#3b6644;--shade6:#66622c;--shade7:#82601f;--some:#2a3139;--edge:#171c22}}
${SHADES}
`;
