"""How the page looks: in light and in dark, on paper and on a telephone."""

STYLE = """
:root { color-scheme: light dark; --paper: #fcfcfa; --ink: #1d1f21; --soft: #63686d; --line: #e4e4df; --card: #fff;
  --accent: #2f6f8f; --warn: #8a5a00; --l0: 62%; --l1: 52%; --l2: 70%; --name: 38%; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181a; --ink: #e6e6e3; --soft: #9a9fa4; --line: #2c3033;
  --card: #1b1e20; --accent: #7cb9d6; --warn: #e0b25c; --l0: 70%; --l1: 60%; --l2: 78%; --name: 86%; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 3.5rem 1.5rem 5rem; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; font-weight: 650; margin: 0 0 1.75rem; }
h2 { font-size: 1.2rem; letter-spacing: -.01em; font-weight: 620; margin: 3.5rem 0 .35rem; }
p { margin: 0 0 .75rem; max-width: 44rem; }
.lead { font-size: 1.06rem; }
.lead b { font-weight: 650; }
h1 + .lead { color: var(--soft); margin: -1.1rem 0 1.75rem; }
.soft, figcaption { color: var(--soft); font-size: .92rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3.25rem; margin: 0 0 1.75rem; padding: 0; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--soft); font-size: .88rem; }
.figures dd { margin: 0; font-size: 1.75rem; font-weight: 600; letter-spacing: -.02em; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
figure { margin: 1.1rem 0 0; }
.scroll { overflow-x: auto; margin-top: 1.1rem; }
.frame { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
.map { display: block; width: 100%; min-width: 44rem; height: auto; }
.dots { fill: currentColor; }
.dots circle { fill-opacity: .62; }
.dots circle:hover { fill-opacity: 1; stroke: var(--ink); stroke-width: 1.2; }
.map:has(.dots:hover) .dots:not(:hover) { opacity: .18; }
.map text { font-size: 12.5px; font-weight: 600; text-anchor: middle; dominant-baseline: central; pointer-events: none;
  fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
figcaption { margin-top: .7rem; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .85rem; white-space: nowrap; }
th, td { padding: .5rem 1.1rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.name { font-weight: 550; min-width: 14rem; }
.name.of { padding-left: 1.25rem; text-indent: -1.25rem; }
.name span { display: inline-block; text-indent: 0; overflow-wrap: anywhere; max-width: 18rem; }
.name small, .films { color: var(--soft); }
.name small { display: block; font-weight: 400; font-size: .85rem; }
.films { min-width: 15rem; }
.films span { unicode-bidi: isolate; }
.dot { display: inline-block; width: .62em; height: .62em; border-radius: 50%; background: currentColor;
  color: var(--soft); text-indent: 0; margin-right: .65em; }
.bar { display: block; height: 3px; border-radius: 2px; background: var(--accent); margin: .3rem 0 0 auto;
  opacity: .75; }
.best { font-weight: 620; }
.warnings { margin: 1rem 0 0; padding: 0 0 0 1.1rem; max-width: 52rem; }
.warnings li::marker { color: var(--warn); }
@media (max-width: 40rem) { main { padding: 2rem 1rem 3rem; } .name { min-width: 9rem; } th.n { white-space: normal; }
  th, td { padding-right: .7rem; } }
.set { overflow-wrap: anywhere; min-width: 7rem; }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
footer { margin-top: 4rem; color: var(--soft); font-size: .85rem; }
@media print { main { padding: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


def colours(hues: dict[int, tuple[int, int]]) -> str:
    """Return a class for each cluster: `hues` are its hue in degrees and its tone, 0 to 2."""
    return "\n".join(f".c{one} {{ color: oklch(var(--l{tone}) .13 {hue}); }}" for one, (hue, tone) in hues.items())
