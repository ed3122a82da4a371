import { line } from 'd3-shape';
import { axes, legend, linearScale, logScale } from './axes.js';
import { categorical } from './colours.js';
import { drawing, element, extent, widened } from './svg.js';

/** A line chart, e.g. a learning curve. */
export interface LinesSection {
  kind: 'lines';
  title: string;
  note?: string;
  xLabel: string;
  yLabel: string;
  /** Logarithmic y axis; values at or below 0 are left out. */
  logY?: boolean;
  series: readonly LineSeries[];
}

export interface LineSeries {
  name: string;
  values: ArrayLike<number>;
  /** Default 1, 2, 3, ... */
  x?: ArrayLike<number>;
}

type Point = [number, number];

const WIDTH = 720;
const HEIGHT = 340;
const FRAME = { left: 72, top: 30, width: WIDTH - 72 - 20, height: HEIGHT - 30 - 52 };
/** More points than pixels tell nothing and make the file large. */
const MAX_POINTS = 1500;

export function renderLines(section: LinesSection): string {
  const lines = section.series.map((series) => pointsOf(series, section.logY ?? false));
  const xExtent = extent(lines.flat().map(([x]) => x));
  const yExtent = extent(lines.flat().map(([, y]) => y));
  if (!xExtent || !yExtent) return '<p>No data.</p>';
  const x = linearScale(widened(xExtent), [FRAME.left, FRAME.left + FRAME.width]);
  const makeY = section.logY ? logScale : linearScale;
  const yDomain: [number, number] =
    section.logY && yExtent[0] === yExtent[1] ? [yExtent[0] / 2, yExtent[1] * 2] : widened(yExtent);
  const y = makeY(yDomain, [FRAME.top + FRAME.height, FRAME.top]);
  const toPath = line<Point>()
    .defined(([, value]) => Number.isFinite(value))
    .x(([at]) => x(at))
    .y(([, value]) => y(value))
    .digits(1);
  const paths = lines.map((points, i) =>
    element('path', { d: toPath(points) ?? '', class: 'curve', stroke: categorical(i) }),
  );
  const names = section.series.map(({ name }, i) => ({ name, colour: categorical(i) }));
  return drawing(section.title, WIDTH, HEIGHT, [
    axes(FRAME, x, y, { x: section.xLabel, y: section.yLabel }),
    ...paths,
    legend(FRAME.left, 16, names),
  ]);
}

function pointsOf(series: LineSeries, positiveOnly: boolean): Point[] {
  const { values, x } = series;
  const stride = Math.max(1, Math.ceil(values.length / MAX_POINTS));
  const points: Point[] = [];
  for (let i = 0; i < values.length; i += stride) {
    const value = values[i]!;
    const shown = Number.isFinite(value) && (!positiveOnly || value > 0);
    points.push([x ? x[i]! : i + 1, shown ? value : Number.NaN]);
  }
  return points;
}
