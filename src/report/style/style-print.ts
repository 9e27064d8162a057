/** On paper: black on white, nothing to press, all tables whole. The map stays, as it was on the screen. */
export const STYLE_PRINT = `
@media print{
:root{--ground:#fff;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--faint:#eee;--bar:#7ea6cc;--some:#e4e7eb;--edge:#fff;
--shade0:#cbd5e0;--shade1:#b4cbe2;--shade2:#9bc2e2;--shade3:#8cc4d6;--shade4:#8dcabf;--shade5:#a9d19d;--shade6:#d3d28a;--shade7:#f2c86f;
--good:#1c6b3c;--good-paper:#fff;--bad:#a3231c;--bad-paper:#fff;--neutral:#333;--neutral-paper:#fff;--amber:#7a5200;--amber-paper:#fff}
html{font-size:10pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bar-nav,.skip,.tools,.list-pane,.help,.detail{display:none}
.panes{display:block}
.map{height:9cm;break-inside:avoid}
.scroll,.tall{overflow:visible;max-height:none;padding-right:0}
.tall thead th{position:static;box-shadow:none}
section{border:0;padding:.4cm 0;margin:0;border-top:1px solid #000;border-radius:0}
.tag,.verdict{border:1px solid currentColor}
tr,.facts>div{break-inside:avoid}
h2,h3{break-after:avoid}
thead{display:table-header-group}
}
`;
