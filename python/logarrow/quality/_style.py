"""The look of the page: one style sheet, light and dark."""

#: Colours are told apart by those who do not see red or green; text stands out from its ground by 4.5 to 1 or more.
STYLE = """
:root { color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --line: #e3e6ea; --text: #1b2430; --quiet: #5b6673; --code: #f3f5f7;
  --rows: #2a78c2; --filtered: #8fb8de; --rejected: #d4501e; --skipped: #b4bcc6; --nulls: #c08a12; --good: #1f7a4d; --bad: #b93c10; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #12161c; --card: #1a2028; --line: #2c343f; --text: #e4e8ee; --quiet: #98a4b3; --code: #141a21;
  --rows: #5aa7ee; --filtered: #35608a; --rejected: #f0763e; --skipped: #5a6572; --nulls: #dcae43; --good: #58c08d; --bad: #ff8f5e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 48px; }
h1 { font-size: 22px; line-height: 1.3; margin: 0 0 4px; }
h1 .mark { display: inline-block; width: 12px; height: 12px; border-radius: 50%; margin-right: 10px; background: var(--good); }
h1.bad .mark { background: var(--rejected); }
h2 { font-size: 15px; margin: 0 0 12px; }
.about { color: var(--quiet); margin: 0 0 20px; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 0 0 16px; overflow-x: auto; }
.tiles { display: flex; flex-wrap: wrap; gap: 8px 36px; margin: 0 0 14px; }
.tile b { display: block; font-size: 24px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile span { color: var(--quiet); font-size: 13px; }
.tile i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
.tile.all { padding-right: 36px; border-right: 1px solid var(--line); }
svg { display: block; }
svg.stacked { width: 100%; height: 18px; border-radius: 5px; }
svg.times { width: 100%; height: auto; }
svg.meter { width: 100%; min-width: 80px; height: 6px; border-radius: 3px; }
.rows { fill: var(--rows); background: var(--rows); } .filtered { fill: var(--filtered); background: var(--filtered); }
.rejected { fill: var(--rejected); background: var(--rejected); } .skipped { fill: var(--skipped); background: var(--skipped); }
.nulls { fill: var(--nulls); } .track { fill: var(--line); }
.grid { stroke: var(--line); stroke-width: 1; } .axis { fill: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; font-size: 13px; color: var(--quiet); padding: 0 14px 6px 0; white-space: nowrap; }
td { padding: 5px 14px 5px 0; border-top: 1px solid var(--line); vertical-align: middle; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
td.chart { width: 26%; } td.name, code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; font-size: 13px; }
.quiet { color: var(--quiet); } .wrong { color: var(--bad); }
.reject { margin: 0 0 18px; } .reject:last-child { margin: 0; }
.reject p { margin: 6px 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 10px 12px; background: var(--code); border: 1px solid var(--line); border-radius: 7px; overflow-x: auto; line-height: 1.35; }
pre mark { background: none; color: var(--bad); font-weight: 700; text-decoration: underline; } pre b { color: var(--bad); }
.alert { border-left: 4px solid var(--rejected); }
footer { color: var(--quiet); font-size: 13px; }
@media print { body { background: none; } section { break-inside: avoid; } }
"""
