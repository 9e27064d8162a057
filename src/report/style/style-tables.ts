/** Tables, bars and the strip of layers. */
export const STYLE_TABLES = `
.scroll{overflow-x:auto;margin:0 0 .5rem}
.tall{max-height:75vh;overflow-y:auto;padding-right:.8rem}
.tall thead th{position:sticky;top:0;background:var(--paper);box-shadow:0 1px var(--line)}
table{width:100%;border-collapse:collapse;font-size:.93rem}
th,td{padding:.42rem .8rem .42rem 0;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{border-top:0;color:var(--soft);font-weight:500;font-size:.86rem;white-space:nowrap}
tbody tr:hover{background:var(--faint)}
.number,.minor{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.wide{width:100%;min-width:9rem}
td.code{font:.84rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;min-width:8rem}
td.text{white-space:nowrap}
.check,.date{white-space:nowrap}
.swatch{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.5rem;vertical-align:-.06rem}
.digest{display:block;color:var(--soft);font-size:.78rem;white-space:normal}
.digest.inline{display:inline}
.command{white-space:pre-wrap}
details summary{cursor:pointer}
details[open] summary code{display:none}
details[open] summary::after{content:"Less";color:var(--accent);font-size:.86rem}
.bar{display:block;width:100%;min-width:4.5rem;height:4px;margin-top:.25rem;border-radius:2px}
.bar .track{fill:var(--faint)}
.bar .value{fill:var(--bar)}
.bar.warn .value{fill:var(--warn-bar)}
.strip{display:block;width:100%;height:26px;margin:0 0 1rem;border-radius:4px}
.more{font-size:.88rem;margin:.4rem 0 0}
@media (max-width:560px){.minor{display:none}td.wide{min-width:6rem}td.code{min-width:5rem}.bar{min-width:3rem}th,td{padding-right:.4rem}.tall{padding-right:.3rem}}
`;
