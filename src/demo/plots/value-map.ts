import { axes, axisLabels, colourBar, exactScale, type Frame } from './axes.js';
import { inkOn, sequential } from './colours.js';
import { drawing, element, extent, label, round, show, widened } from './svg.js';

/** Values of the cells of a board as colours, with the greedy action of each cell. */
export interface ValueMapSection {
  kind: 'valueMap';
  title: string;
  note?: string;
  rows: number;
  cols: number;
  /** [rows * cols], row by row from the top */
  values: ArrayLike<number>;
  /** [rows * cols] action of each cell, -1 = none */
  policy?: ArrayLike<number>;
  /** Sign of each action, e.g. '←'; without it no actions are drawn. */
  actionArrows?: readonly string[];
  /** [rows * cols] letters; H (hole), C (cliff), G (goal) and # (wall) are drawn without a value. */
  glyphs?: readonly string[];
  /** [rows * cols] 0 = leave the cell empty, e.g. where there were no data */
  mask?: ArrayLike<number>;
  /** What the colours mean. Default 'value'. */
  valueLabel?: string;
  /** Names of the axes; with domains they get ticks. */
  xLabel?: string;
  yLabel?: string;
  xDomain?: [number, number];
  /** Bottom and top. */
  yDomain?: [number, number];
}

const MAX_WIDTH = 600;
const MAX_HEIGHT = 460;
const RIGHT = 80;
/** Cells whose value says nothing: nobody moves on from there. */
const ENDS = new Set(['H', 'C', 'G', '#']);

interface Map {
  section: ValueMapSection;
  frame: Frame;
  cell: number;
  cellHeight: number;
  domain: [number, number];
}

export function renderValueMap(section: ValueMapSection): string {
  const { rows, cols } = section;
  const found = extent(shownValues(section));
  if (!found) return '<p>No data.</p>';
  // A board has square cells; a function of two variables fills a fixed area instead.
  const plain = section.xDomain !== undefined && section.yDomain !== undefined;
  const square = Math.min(MAX_WIDTH / cols, MAX_HEIGHT / rows, 64);
  const cell = plain ? MAX_WIDTH / cols : square;
  const cellHeight = plain ? 320 / rows : square;
  const named = plain || section.xLabel !== undefined || section.yLabel !== undefined;
  const left = named ? 64 : 8;
  const frame = { left, top: 28, width: cols * cell, height: rows * cellHeight };
  const map: Map = { section, frame, cell, cellHeight, domain: widened(found) };
  const cells = Array.from({ length: rows * cols }, (_, i) => renderCell(map, i));
  const width = frame.left + frame.width + RIGHT;
  const height = frame.top + frame.height + (named ? 50 : 12);
  const barAt = { x: frame.left + frame.width + 16, top: frame.top, height: frame.height };
  const name = section.valueLabel ?? 'value';
  return drawing(section.title, width, height, [
    ...cells,
    plain ? ticks(map) : axisLabels(frame, labelsOf(section)),
    colourBar(barAt, map.domain, sequential, name),
  ]);
}

function labelsOf(section: ValueMapSection): { x: string; y: string } {
  return { x: section.xLabel ?? '', y: section.yLabel ?? '' };
}

function ticks({ section, frame }: Map): string {
  const { left, top, width, height } = frame;
  const x = exactScale(section.xDomain!, [left, left + width]);
  const y = exactScale(section.yDomain!, [top + height, top]);
  return axes(frame, x, y, labelsOf(section));
}

function* shownValues(section: ValueMapSection): Generator<number> {
  for (let i = 0; i < section.rows * section.cols; i++) {
    if (isShown(section, i)) yield section.values[i]!;
  }
}

function isShown(section: ValueMapSection, i: number): boolean {
  return section.mask?.[i] !== 0 && !ENDS.has(section.glyphs?.[i] ?? '');
}

function renderCell({ section, frame, cell, cellHeight, domain }: Map, i: number): string {
  const x = frame.left + (i % section.cols) * cell;
  const y = frame.top + Math.floor(i / section.cols) * cellHeight;
  const value = section.values[i]!;
  const share = (value - domain[0]) / (domain[1] - domain[0]);
  const coloured = isShown(section, i) && Number.isFinite(value);
  const box = { x, y, width: cell, height: cellHeight };
  const roomy = cell >= 30 && cellHeight >= 30;
  const seam = roomy ? { class: 'cell' } : {};
  const glyph = section.glyphs?.[i] ?? '';
  if (!coloured) {
    // Cells without data are left to the background of the page.
    if (glyph === '') return '';
    const middle = { 'text-anchor': 'middle', class: 'glyph' };
    const name = label(x + cell / 2, y + cellHeight / 2 + 5, glyph, middle);
    return element('rect', { ...box, class: 'blocked' }) + (roomy ? name : '');
  }
  const fill = sequential(share);
  const title = element('title', {}, show(value));
  const rect = element('rect', { ...box, ...seam, fill }, title);
  const arrow = arrowOf(section, i);
  return rect + cellText(box, roomy, arrow, roomy ? show(round3(value)) : '', inkOn(share));
}

function arrowOf(section: ValueMapSection, i: number): string {
  const action = section.policy?.[i] ?? -1;
  return section.actionArrows?.[action] ?? '';
}

function round3(value: number): number {
  return Number(value.toPrecision(3));
}

function cellText(
  box: { x: number; y: number; width: number; height: number },
  roomy: boolean,
  arrow: string,
  value: string,
  ink: string,
): string {
  const size = Math.min(box.width, box.height);
  const text = (share: number, content: string, fontSize: number): string => {
    // Style rather than attributes, which the style sheet would override.
    const style = `fill:${ink};font-size:${round(fontSize)}px`;
    const y = box.y + box.height * share;
    return label(box.x + box.width / 2, y, content, { 'text-anchor': 'middle', style });
  };
  if (!roomy) return arrow === '' || size < 9 ? '' : text(0.75, arrow, size * 0.7);
  const name = arrow === '' ? '' : text(0.48, arrow, size * 0.36);
  return name + text(0.82, value, Math.min(11, size / 3.6));
}
