import { axes, exactScale, legend } from './axes.js';
import { categorical } from './colours.js';
import { drawing, element, extent, round, widened } from './svg.js';

/** Points in the plane, coloured by group; both axes have the same scale. */
export interface ScatterSection {
  kind: 'scatter';
  title: string;
  note?: string;
  xLabel: string;
  yLabel: string;
  /** Drawn in this order, so later groups lie on top. */
  groups: readonly ScatterGroup[];
}

export interface ScatterGroup {
  name: string;
  points: readonly (readonly [number, number])[];
}

const SIDE = 420;
const LEFT = 64;
const TOP = 34;

export function renderScatter(section: ScatterSection): string {
  const points = section.groups.flatMap((group) => group.points);
  const xExtent = extent(points.map(([x]) => x));
  const yExtent = extent(points.map(([, y]) => y));
  if (!xExtent || !yExtent) return '<p>No data.</p>';
  const frame = { left: LEFT, top: TOP, width: SIDE, height: SIDE };
  const [xDomain, yDomain] = sameLength(widened(xExtent), widened(yExtent));
  const x = exactScale(xDomain, [LEFT, LEFT + SIDE]);
  const y = exactScale(yDomain, [TOP + SIDE, TOP]);
  const marks = section.groups.map((group, i) => {
    // One path of dots of length zero with round ends: far shorter than a circle each.
    const dots = group.points
      .filter((point) => point.every(Number.isFinite))
      .map((point) => `M${round(x(point[0]))} ${round(y(point[1]))}h0`);
    const crowded = group.points.length > 400;
    return element('path', {
      d: dots.join(''),
      stroke: categorical(i),
      'stroke-width': crowded ? 4 : 6,
      'stroke-opacity': crowded ? 0.4 : 0.75,
      'stroke-linecap': 'round',
      fill: 'none',
    });
  });
  const names = section.groups.map(({ name }, i) => ({ name, colour: categorical(i) }));
  return drawing(section.title, LEFT + SIDE + 24, TOP + SIDE + 52, [
    axes(frame, x, y, { x: section.xLabel, y: section.yLabel }),
    ...marks,
    legend(LEFT, 18, names),
  ]);
}

/** Widens the shorter range around its middle so that circles look like circles. */
function sameLength(
  a: [number, number],
  b: [number, number],
): [[number, number], [number, number]] {
  const length = Math.max(a[1] - a[0], b[1] - b[0]) * 1.05;
  const around = ([low, high]: [number, number]): [number, number] => {
    const middle = (low + high) / 2;
    return [middle - length / 2, middle + length / 2];
  };
  return [around(a), around(b)];
}
