import { type LinesSection, renderLines } from './plots/lines.js';
import { renderScatter, type ScatterSection } from './plots/scatter.js';
import { element, escapeText } from './plots/svg.js';
import { renderTable, type TableSection } from './plots/table.js';
import { renderTokens, type TokensSection } from './plots/tokens.js';
import { renderValueMap, type ValueMapSection } from './plots/value-map.js';

export type { LinesSection, ScatterSection, TableSection, TokensSection, ValueMapSection };

export type Section =
  | LinesSection
  | ScatterSection
  | TableSection
  | TokensSection
  | ValueMapSection;

export interface Report {
  title: string;
  /** When it was made, as text. */
  generatedAt: string;
  /** What it was made on, as text. */
  machine: string;
  sections: readonly Section[];
}

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #59636e; --rule: #d8dee4;
  --panel: #f4f6f8; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e3e7eb; --faint: #9aa4ae;
  --rule: #333a42; --panel: #1f242a; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 60rem; padding: 0 1.25rem; }
header { border-bottom: 1px solid var(--rule); margin-bottom: 2rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; }
header p, .note { color: var(--faint); font-size: .9rem; margin: .3rem 0 1rem; }
svg { display: block; height: auto; width: 100%; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .name { fill: var(--faint); }
svg .axis { stroke: var(--faint); }
svg .grid { stroke: var(--rule); stroke-dasharray: 2 4; }
svg .curve { fill: none; stroke-width: 2; }
svg .cell { stroke: var(--paper); }
svg .blocked { fill: var(--panel); stroke: var(--paper); }
svg .glyph { fill: var(--faint); font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { border-bottom: 1px solid var(--rule); padding: .35rem .7rem .35rem 0; text-align: left;
  vertical-align: top; }
th { color: var(--faint); font-weight: 600; }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.tokens { list-style: none; margin: 0; overflow-x: auto; padding: 0; }
.tokens li { align-items: center; display: flex; gap: 2px; margin: 3px 0; white-space: nowrap; }
.prompt { font-family: ui-monospace, monospace; min-width: 6.5rem; padding-right: .5rem;
  text-align: right; }
.token { border-radius: 3px; display: inline-block; font-family: ui-monospace, monospace;
  line-height: 1.15; min-width: 2.6rem; padding: 3px 2px; text-align: center; }
.token small { display: block; font-size: .62rem; opacity: .8; }
.tokens li > small { color: var(--faint); padding-left: .6rem; }
.scale { align-items: center; color: var(--faint); display: flex; font-size: .85rem; gap: .4rem; }
.bar { border: 1px solid var(--rule); display: inline-flex; }
.bar i { display: inline-block; height: .8rem; width: .5rem; }
`;

/** Nothing may be loaded from anywhere, and nothing runs. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/**
 * One HTML file with tables and drawings, complete in itself: no scripts, no fonts, no network;
 * light or dark as the reader's system is.
 */
export function renderReport(report: Report): string {
  const sections = report.sections.map((section) =>
    element(
      'section',
      {},
      element('h2', {}, escapeText(section.title)),
      section.note === undefined ? '' : element('p', { class: 'note' }, escapeText(section.note)),
      renderSection(section),
    ),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeText(POLICY)}">
<title>${escapeText(report.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeText(report.title)}</h1>
<p>${escapeText(report.generatedAt)}<br>${escapeText(report.machine)}</p>
</header>
${sections.join('\n')}
</body>
</html>
`;
}

function renderSection(section: Section): string {
  switch (section.kind) {
    case 'lines':
      return renderLines(section);
    case 'scatter':
      return renderScatter(section);
    case 'table':
      return renderTable(section);
    case 'tokens':
      return renderTokens(section);
    case 'valueMap':
      return renderValueMap(section);
  }
}
