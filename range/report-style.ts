// The style of the report page: light and dark, text on its ground with at least 4.5 : 1, attacks and faults told apart without
// colour too. The language is chosen by two radio buttons, so the page needs no script.
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ground: #f3f5f5; --surface: #fff; --line: #b9c4c5; --ink: #16201f; --ink-2: #425052;
  --accent: #0d5f68; --trend: #0d5f68; --attack: #a80f4c; --fault: #5646a3; --good: #1d6b3a; }
@media (prefers-color-scheme: dark) { :root { --ground: #0f1415; --surface: #161d1f; --line: #46575b; --ink: #e7eeee; --ink-2: #b7c4c5;
  --accent: #63c3cd; --trend: #63c3cd; --attack: #ff86b0; --fault: #b5a6f7; --good: #7fd19b; } }
:root:has(#in-en:checked) .zh, :root:has(#in-zh:checked) .en { display: none; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1160px; padding: 16px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 18px; margin: 0 0 4px; } h3 { font-size: 14px; margin: 14px 0 0; font-weight: 600; }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: center; justify-content: space-between; margin-bottom: 12px; }
fieldset { border: 1px solid var(--line); border-radius: 6px; padding: 2px 10px; margin: 0; } fieldset label { margin-left: 6px; }
input:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 14px; margin-bottom: 14px; }
p { margin: 4px 0; } .quiet-text { color: var(--ink-2); } a { color: var(--accent); }
ul { margin: 4px 0; padding-left: 20px; columns: 22em; } li { break-inside: avoid; } .not-played { columns: auto; }
.yes { color: var(--good); font-weight: 600; } .no { color: var(--attack); font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; min-width: 860px; margin-top: 8px; font-size: 14px; }
.narrow table { min-width: 560px; }
caption { text-align: left; font-weight: 600; padding: 4px 0; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--ink-2); font-weight: 600; white-space: nowrap; } .figures { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 13px ui-monospace, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
svg { display: block; width: 100%; min-width: 640px; height: auto; }
svg text { font-size: 11px; fill: var(--ink-2); }
svg .frame { fill: none; stroke: var(--line); }
svg .line { fill: var(--trend); fill-opacity: .25; stroke: var(--trend); stroke-width: 1.3; stroke-linejoin: round; }
svg .attack rect { fill: var(--attack); fill-opacity: .14; } svg .attack path { stroke: var(--attack); stroke-width: 4; }
svg .fault rect { fill: var(--fault); fill-opacity: .1; } svg .fault path { stroke: var(--fault); stroke-width: 4; stroke-dasharray: 7 5; }
svg .stem { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; } svg .flag { stroke: var(--ink); fill: var(--surface); }
svg .hit .flag { fill: var(--ink); } svg .mark text { fill: var(--ink); font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--ink-2); }
.legend svg { display: inline-block; width: 26px; min-width: 0; height: 14px; vertical-align: -2px; margin-right: 5px; }
@media (max-width: 700px) { svg text { font-size: 14px; } }
@media print { body { max-width: none; background: none; } section { break-inside: avoid; } fieldset { display: none; } }
`
