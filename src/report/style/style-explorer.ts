/** The map and the list beside it. */
export const STYLE_EXPLORER = `
.explorer[hidden]{display:none}
.explorer{margin-bottom:1.2rem}
.tools{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;margin-bottom:.6rem}
.crumbs{display:flex;flex-wrap:wrap;gap:.15rem;min-width:0;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9rem}
.crumb{border:0;background:none;color:var(--accent);font:inherit;padding:.2rem .35rem;border-radius:4px;cursor:pointer;max-width:100%;overflow-wrap:anywhere}
.crumb:hover{background:var(--faint)}
.crumb[aria-current]{color:var(--ink);font-weight:600}
.crumb:not(:first-child):not(:nth-child(2))::before{content:"/";color:var(--soft);margin-right:.35rem}
.search input{font:inherit;font-size:.93rem;width:min(18rem,100%);padding:.35rem .6rem;color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:5px}
.search input::placeholder{color:var(--soft);opacity:1}
.panes{display:grid;grid-template-columns:minmax(0,1.9fr) minmax(17rem,1fr);gap:1.2rem}
.map-pane,.list-pane{min-width:0}
.map{position:relative;height:clamp(20rem,56vh,33rem);overflow:hidden;border-radius:5px;background:var(--some);contain:strict}
.tile{position:absolute;display:block;margin:0;padding:0;border:1px solid var(--edge);border-radius:3px;color:var(--ink);font:inherit;font-size:.8rem;line-height:1.25;text-align:left;overflow:hidden;cursor:default}
.tile.opens{cursor:pointer}
.tile.some,.part.some{background:var(--some);color:var(--soft)}
.tile:hover{z-index:1;box-shadow:inset 0 0 0 2px var(--ink)}
.tile:focus-visible{z-index:2;outline:0;box-shadow:inset 0 0 0 3px var(--focus),inset 0 0 0 5px var(--paper)}
.label{position:absolute;left:0;right:0;top:0;padding:2px 6px;overflow:hidden}
.label b,.label i{display:block;font-style:normal;font-weight:600;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.label i{font-weight:400;opacity:.8;font-variant-numeric:tabular-nums}
.label.line{display:flex;gap:.5rem}
.label.line i{flex:none}
.inner{position:absolute;left:2px;right:2px;bottom:2px;top:40px}
.part{position:absolute;overflow:hidden;border:1px solid var(--edge);border-radius:2px;font-size:.74rem;line-height:1.2}
.part-name{display:block;padding:1px 4px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.deeper{position:absolute;left:2px;right:2px;bottom:2px;top:18px}
.detail{margin:.5rem 0 .2rem;font-size:.86rem;min-height:2.6em;line-height:1.3;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}
.under{display:flex;flex-wrap:wrap;gap:.3rem 1.5rem;justify-content:space-between;font-size:.82rem}
.help,.legend{margin:0}
.legend{display:flex;align-items:center;gap:2px}
.legend .swatch{margin:0;vertical-align:0;border-radius:0}
.legend span:first-child{margin-right:.4rem}
.legend span:last-child{margin-left:.4rem}
kbd{display:inline-block;padding:0 .3rem;border:1px solid var(--line);border-radius:3px;font-size:.92em;line-height:1.35}
.status{font-size:.88rem;color:var(--soft);margin-bottom:.4rem}
.list{height:clamp(20rem,56vh,33rem);overflow-y:auto;border-top:1px solid var(--line)}
.row{position:relative;display:grid;grid-template-columns:minmax(0,1fr) auto 3.9rem;gap:.8rem;width:100%;padding:.36rem .3rem .46rem;border:0;border-bottom:1px solid var(--line);background:none;color:inherit;font:inherit;font-size:.88rem;text-align:left}
button.row{cursor:pointer}
button.row:hover{background:var(--faint)}
.row:focus-visible{outline-offset:-3px}
.row .name{overflow-wrap:anywhere}
.row.opens .name{color:var(--accent)}
.amount,.share{font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap}
.share{color:var(--soft)}
.row .line{position:absolute;left:0;bottom:-1px;height:2px;background:var(--bar)}
.empty{padding:1rem;color:var(--soft)}
@media (max-width:800px){.panes{grid-template-columns:minmax(0,1fr)}.map{height:clamp(17rem,60vh,30rem)}.list{height:auto;max-height:22rem}.search,.search input{width:100%}}
@media (pointer:coarse){.help{display:none}.row{padding-top:.6rem;padding-bottom:.7rem}}
`;
