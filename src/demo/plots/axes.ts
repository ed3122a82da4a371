import { scaleLinear, scaleLog } from 'd3-scale';
import { element, label, round } from './svg.js';

/** The part of d3's continuous scales that the plots use. */
export interface Scale {
  (value: number): number;
  ticks: (count?: number) => number[];
  tickFormat: (count?: number, specifier?: string) => (value: number) => string;
  /** Present on logarithmic scales only. */
  base?: () => number;
}

/** Where the plotting area lies inside the drawing, in pixels. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface AxisLabels {
  x: string;
  y: string;
}

const TICK = 5;

export function linearScale(domain: [number, number], range: [number, number]): Scale {
  return scaleLinear().domain(domain).nice().range(range) as unknown as Scale;
}

/** A linear scale whose domain is not widened to round numbers. */
export function exactScale(domain: [number, number], range: [number, number]): Scale {
  return scaleLinear().domain(domain).range(range) as unknown as Scale;
}

export function logScale(domain: [number, number], range: [number, number]): Scale {
  return scaleLog().domain(domain).nice().range(range) as unknown as Scale;
}

/** Both axes with ticks, labels and light grid lines. */
export function axes(frame: Frame, x: Scale, y: Scale, labels: AxisLabels): string {
  const { left, top, width, height } = frame;
  const bottom = top + height;
  return [
    ...marks(x, Math.max(2, Math.floor(width / 80))).map(({ at, text }) =>
      [
        line(at, top, at, bottom, 'grid'),
        line(at, bottom, at, bottom + TICK, 'axis'),
        label(at, bottom + 18, text, { 'text-anchor': 'middle' }),
      ].join(''),
    ),
    ...marks(y, Math.max(2, Math.floor(height / 45))).map(({ at, text }) =>
      [
        line(left, at, left + width, at, 'grid'),
        line(left - TICK, at, left, at, 'axis'),
        label(left - 9, at + 4, text, { 'text-anchor': 'end' }),
      ].join(''),
    ),
    line(left, bottom, left + width, bottom, 'axis'),
    line(left, top, left, bottom, 'axis'),
    axisLabels(frame, labels),
  ].join('');
}

/** The names of the axes: below, and turned at the left. */
export function axisLabels(frame: Frame, labels: AxisLabels): string {
  const middle = frame.top + frame.height / 2;
  return [
    label(frame.left + frame.width / 2, frame.top + frame.height + 38, labels.x, {
      'text-anchor': 'middle',
      class: 'name',
    }),
    label(0, 0, labels.y, {
      transform: `translate(${round(14)} ${round(middle)}) rotate(-90)`,
      'text-anchor': 'middle',
      class: 'name',
    }),
  ].join('');
}

/** A vertical colour bar with its own axis, right of the plot. */
export function colourBar(
  at: { x: number; top: number; height: number },
  domain: [number, number],
  colour: (share: number) => string,
  name: string,
): string {
  const { x, top, height } = at;
  const steps = 40;
  const scale = exactScale(domain, [top + height, top]);
  const cells = Array.from({ length: steps }, (_, i) =>
    element('rect', {
      x,
      y: top + (height * i) / steps,
      width: 12,
      // A hair taller than the step, or white seams show between the cells.
      height: height / steps + 0.5,
      fill: colour(1 - (i + 0.5) / steps),
    }),
  );
  const ticks = marks(scale, Math.max(2, Math.floor(height / 40))).map(
    ({ at: y, text }) => line(x + 12, y, x + 16, y, 'axis') + label(x + 20, y + 4, text),
  );
  return [...cells, ...ticks, label(x, top - 8, name, { class: 'name' })].join('');
}

/** Coloured dots and names in one row, above the plot. */
export function legend(
  x: number,
  y: number,
  entries: readonly { name: string; colour: string }[],
): string {
  let left = x;
  const parts = entries.map(({ name, colour }) => {
    const item =
      element('circle', { cx: left + 5, cy: y - 4, r: 5, fill: colour }) +
      label(left + 15, y, name);
    // Roughly 6.6 pixels a character of the 12-pixel system font.
    left += 15 + name.length * 6.6 + 18;
    return item;
  });
  return parts.join('');
}

function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return element('line', { x1, y1, x2, y2, class: kind });
}

/** Positions and texts of the ticks; a log scale leaves some texts empty, those are dropped. */
function marks(scale: Scale, count: number): { at: number; text: string }[] {
  // d3's own format of a logarithmic axis writes 1m for 0.001.
  const format = scale.base ? scale.tickFormat(count, '.0e') : scale.tickFormat(count);
  return scale
    .ticks(count)
    .map((value) => ({ at: scale(value), text: format(value).replace('−', '-') }))
    .filter(({ text }) => text !== '');
}
