/** Light and dark by the reader's system, and on paper; no font, script or picture from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2024; --soft: #5d6670; --line: #d8dde2; --against: #8a6d1f; --with: #0b62c4; --mark: #fff4d6; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e6e9ec; --soft: #a0a9b2; --line: #353b41; --against: #d8b456; --with: #66aeff; --mark: #3a300f; }
}
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; background: var(--paper); color: var(--ink); }
h1 { font-size: 1.6rem; margin: 0; line-height: 1.25; } h2 { font-size: 1.2rem; margin: 2.6rem 0 .4rem; } h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
p { margin: .3rem 0; } ul { margin: .3rem 0; padding-left: 1.2rem; } li { margin: .2rem 0; } .soft { color: var(--soft); }
.marked { display: inline-block; font-size: .78rem; letter-spacing: .04em; padding: .05rem .5rem; border: 1px solid var(--against); border-radius: 1rem; background: var(--mark); vertical-align: middle; font-weight: 600; }
.banner { border: 1px solid var(--against); background: var(--mark); padding: .6rem .9rem; border-radius: .4rem; margin: 1rem 0; }
.found { font-size: 1.05rem; }
table { border-collapse: collapse; margin: .4rem 0; font-variant-numeric: tabular-nums; } th, td { padding: .25rem .8rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; } thead th { color: var(--soft); } td.number, th.number { text-align: right; } td .soft { white-space: nowrap; }
.wide { overflow-x: auto; }
figure { margin: .4rem 0; } svg { width: 100%; height: auto; max-width: 62rem; font: 12px system-ui, sans-serif; } svg text { fill: var(--ink); }
summary { cursor: pointer; color: var(--soft); }
.key { display: inline-block; margin-right: 1.2rem; } .key svg { width: 34px; height: 12px; vertical-align: middle; margin-right: .4rem; }
.line { fill: none; stroke-width: 2.2; } .line.against { stroke: var(--against); stroke-dasharray: 6 4; } .line.with { stroke: var(--with); }
.band { stroke: none; opacity: .18; } .band.against { fill: var(--against); } .band.with { fill: var(--with); }
.bar.against { fill: none; stroke: var(--against); stroke-width: 1.4; stroke-dasharray: 4 3; } .bar.with { fill: var(--with); opacity: .75; }
.dot.against { fill: var(--against); } .dot.with { fill: var(--with); }
.whisker { fill: none; stroke: var(--ink); stroke-width: 1.2; } .grid { stroke: var(--line); } .axis { stroke: var(--soft); }
@media print { body { max-width: none; margin: 0; } details { display: none; } figure, table { break-inside: avoid; } }
`;
