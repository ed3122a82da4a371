/** Text of SVG and HTML elements. Everything that comes from outside passes `escapeText`. */

export type Attributes = Readonly<Record<string, string | number>>;

export function escapeText(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** `<tag a="b">children</tag>`; children are markup, so text in them must be escaped already. */
export function element(tag: string, attributes: Attributes, ...children: string[]): string {
  const list = Object.entries(attributes).map(([name, value]) => {
    const text = typeof value === 'number' ? round(value) : escapeText(value);
    return ` ${name}="${text}"`;
  });
  return `<${tag}${list.join('')}>${children.join('')}</${tag}>`;
}

/** A text element of a drawing. */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeText(text));
}

/** The drawing itself, as wide as the page allows. */
export function drawing(title: string, width: number, height: number, body: string[]): string {
  const attributes = {
    viewBox: `0 0 ${round(width)} ${round(height)}`,
    style: `max-width:${round(width)}px`,
    role: 'img',
    'aria-label': title,
  };
  return element('svg', attributes, ...body);
}

/** At most two decimals: pixels need no more. */
export function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A value for people: four significant digits, no trailing zeros. */
export function show(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', '∞');
  return String(Number(value.toPrecision(4)));
}

/** Smallest and largest finite value; undefined if there is none. */
export function extent(values: Iterable<number>): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : undefined;
}

/** The same range, widened when both ends are equal so that a scale can be made of it. */
export function widened([low, high]: [number, number]): [number, number] {
  if (low < high) return [low, high];
  const margin = Math.abs(low) > 0 ? Math.abs(low) * 0.1 : 1;
  return [low - margin, high + margin];
}
