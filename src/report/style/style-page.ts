/** The page as a whole: type, the head, sections. */
export const STYLE_PAGE = `
*,*::before,*::after{box-sizing:border-box}
html{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;background:var(--ground);color:var(--ink);-webkit-text-size-adjust:100%;scroll-padding-top:3.5rem;overflow-wrap:anywhere}
body{margin:0}
code,kbd{font:0.9em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
a{color:var(--accent)}
p{margin:0 0 .75rem}
h1,h2,h3{line-height:1.2;margin:0;font-weight:650;text-wrap:balance}
h1{font-size:clamp(1.5rem,1.1rem + 1.6vw,2.3rem);letter-spacing:-.02em}
h2{font-size:1.3rem;letter-spacing:-.01em}
h3{font-size:1rem;margin:1.5rem 0 .6rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.5rem;z-index:3;padding:.4rem .8rem;background:var(--paper)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.quiet,.aside,.note,.more,.help,.legend{color:var(--soft)}
.note{max-width:46rem}
main,footer,.bar-nav ul{max-width:1240px;margin:0 auto;padding:0 clamp(1rem,3vw,2.5rem)}
.bar-nav{position:sticky;top:0;z-index:2;background:var(--paper);border-bottom:1px solid var(--line)}
.bar-nav ul{display:flex;gap:.25rem 1.4rem;list-style:none;overflow-x:auto;scrollbar-width:none;white-space:nowrap}
.bar-nav a{display:block;padding:.65rem 0;text-decoration:none;color:var(--soft);font-size:.92rem}
.bar-nav a:hover{color:var(--ink);box-shadow:inset 0 -2px var(--accent)}
.page-head{padding:2.2rem 0 .5rem}
.kind{margin:0 0 .3rem;color:var(--soft);font-size:.92rem}
.verdicts{display:flex;flex-wrap:wrap;gap:.5rem;margin:.9rem 0 0}
.verdict,.tag{display:inline-block;border-radius:4px;font-size:.85rem;font-weight:600;text-decoration:none;white-space:nowrap}
.verdict{padding:.2rem .65rem;white-space:normal}
.tag{padding:0 .45rem;line-height:1.55}
.ok,.added{color:var(--good);background:var(--good-paper)}
.failed,.deleted{color:var(--bad);background:var(--bad-paper)}
.changed{color:var(--amber);background:var(--amber-paper)}
.verdict.note,.tag.note{color:var(--neutral);background:var(--neutral-paper)}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1rem;margin:1.6rem 0}
.numbers>div{border-top:2px solid var(--ink);padding-top:.6rem}
.numbers dt,.facts dt{color:var(--soft);font-size:.88rem}
.numbers dd{margin:0}
.numbers b{display:block;font-size:1.55rem;font-weight:600;line-height:1.25;letter-spacing:-.02em;font-variant-numeric:tabular-nums;overflow-wrap:normal}
.numbers span{color:var(--soft);font-size:.88rem}
section{margin:0 0 1.25rem;padding:1.4rem clamp(1rem,2vw,1.6rem) 1.2rem;background:var(--paper);border:1px solid var(--line);border-radius:8px}
.section-head{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.2rem 1.5rem;margin-bottom:1rem}
.aside{margin:0;font-size:.92rem;font-variant-numeric:tabular-nums}
.facts{margin:0 0 1rem}
.facts>div{display:grid;grid-template-columns:minmax(7rem,21rem) minmax(0,1fr);gap:0 1.5rem;padding:.32rem 0;border-top:1px solid var(--line)}
.facts>div:first-child{border-top:0}
.facts dd{margin:0}
.page-head .facts>div{grid-template-columns:6.5rem minmax(0,1fr);border:0;padding:.1rem 0}
dt code{color:var(--ink)}
dd code,td code{white-space:pre-wrap}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 2.5rem}
.columns>div{min-width:0}
.tallies{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0 0 1rem}
.tally{display:flex;gap:.6rem;align-items:baseline}
.tally dd{margin:0;font-variant-numeric:tabular-nums}
footer{padding-top:.5rem;padding-bottom:2.5rem;color:var(--soft);font-size:.88rem}
@media (max-width:560px){.facts>div,.page-head .facts>div{grid-template-columns:1fr;padding:.4rem 0}section{border-left:0;border-right:0;border-radius:0;margin-left:calc(-1*clamp(1rem,3vw,2.5rem));margin-right:calc(-1*clamp(1rem,3vw,2.5rem))}.numbers{grid-template-columns:1fr 1fr}}
`;
