import { describe, expect, it } from 'vitest';
import { renderReport, type Section } from '../../src/demo/report.js';

function report(...sections: Section[]): string {
  return renderReport({ title: 'demo', generatedAt: 'today', machine: 'this one', sections });
}

/** Every tag is closed in order; void elements of the head are known. */
function expectWellFormed(html: string): void {
  const open: string[] = [];
  for (const [, close, tag, attributes] of html.matchAll(/<(\/?)([a-z0-9]+)([^<>]*)>/gi)) {
    if (tag === 'meta' || tag === 'br' || tag === 'doctype') continue;
    if (close) expect(open.pop()).toBe(tag);
    else if (!attributes!.endsWith('/')) open.push(tag!);
  }
  expect(open).toEqual([]);
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
}

const board: Section = {
  kind: 'valueMap',
  title: 'board',
  rows: 2,
  cols: 2,
  values: [0.25, 0, 0.5, 1],
  policy: [0, 1, 1, -1],
  actionArrows: ['←', '→'],
  glyphs: ['S', 'H', 'F', 'G'],
};

const curves: Section = {
  kind: 'lines',
  title: 'curves',
  xLabel: 'sweep',
  yLabel: 'error',
  logY: true,
  series: [
    { name: 'fast', values: [1, 0.1, 0.01, 0, Number.NaN] },
    { name: 'slow', values: Float64Array.of(1, 0.9, 0.8), x: [0, 10, 20] },
  ],
};

const cloud: Section = {
  kind: 'scatter',
  title: 'cloud',
  xLabel: 'first',
  yLabel: 'second',
  groups: [
    { name: 'many', points: Array.from({ length: 900 }, (_, i) => [i / 900, -i / 900] as const) },
    {
      name: 'few',
      points: [
        [0.5, 0.5],
        [Number.NaN, 0],
      ],
    },
  ],
};

const tokens: Section = {
  kind: 'tokens',
  title: 'tokens',
  rows: [{ label: '1+2=', tokens: ['3', ' ', '<'], values: [0.5, -1, 0], remark: 'reward 1' }],
};

const table: Section = {
  kind: 'table',
  title: 'table',
  note: 'a note',
  header: ['name', 'time'],
  rows: [
    ['a & b', '1.5 ms'],
    ['c', '12 ms'],
  ],
};

describe('renderReport', () => {
  it('is one well-formed page with every section, and loads and runs nothing', () => {
    const html = report(board, curves, cloud, tokens, table);
    expectWellFormed(html);
    expect(html.match(/<section>/g)).toHaveLength(5);
    expect(html.match(/<svg /g)).toHaveLength(3);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|<img|https?:|url\(|@import/);
    expect(html).toContain('prefers-color-scheme: dark');
  });

  it('escapes every text it is given', () => {
    const evil = '<script>"&';
    const html = renderReport({
      title: evil,
      generatedAt: evil,
      machine: evil,
      sections: [
        { ...board, title: evil, glyphs: [evil, evil, evil, evil], note: evil } as Section,
        {
          ...curves,
          xLabel: evil,
          yLabel: evil,
          series: [{ name: evil, values: [1, 2] }],
        } as Section,
        { ...cloud, groups: [{ name: evil, points: [[0, 1]] }] } as Section,
        {
          ...tokens,
          rows: [{ label: evil, tokens: [evil], values: [1], remark: evil }],
        } as Section,
        { ...table, header: [evil], rows: [[evil]] } as Section,
      ],
    });
    expect(html).not.toContain('<script');
    expectWellFormed(html);
  });

  it('says so where there are no data', () => {
    const empty: Section[] = [
      { ...curves, series: [{ name: 'none', values: [] }] } as Section,
      { ...board, values: [Number.NaN, 0, -Infinity, Number.NaN] } as Section,
      { ...cloud, groups: [] } as Section,
      { ...tokens, rows: [] } as Section,
    ];
    for (const section of empty) {
      expect(report(section)).toContain('No data.');
      expectWellFormed(report(section));
    }
  });

  it('copes with constant data', () => {
    const flat: Section[] = [
      { ...curves, series: [{ name: 'flat', values: [3, 3, 3] }] } as Section,
      { ...curves, logY: false, series: [{ name: 'zero', values: [0] }] } as Section,
      { ...board, values: [2, 2, 2, 2] } as Section,
      { ...cloud, groups: [{ name: 'one', points: [[1, 1]] }] } as Section,
      { ...tokens, rows: [{ label: '', tokens: ['a'], values: [0] }] } as Section,
    ];
    for (const section of flat) expectWellFormed(report(section));
  });
});

describe('value map', () => {
  it('draws arrows and values where one moves, letters where the episode ends', () => {
    const html = report(board);
    expect(html.match(/>←</g)).toHaveLength(1);
    expect(html.match(/>→</g)).toHaveLength(1);
    expect(html).toContain('>G<');
    expect(html.match(/class="blocked"/g)).toHaveLength(2);
    expect(html).toContain('<title>0.25</title>');
    expect(html).not.toContain('<title>0</title>');
    expect(html).not.toContain('<title>1</title>');
  });

  it('leaves masked cells empty and does not let them set the scale', () => {
    const values = [0, 1, -999, 2];
    const html = report({
      kind: 'valueMap',
      title: '',
      rows: 2,
      cols: 2,
      values,
      mask: [1, 1, 0, 1],
    });
    expect(html.match(/<title>/g)).toHaveLength(3 + 1);
    expect(html).not.toContain('999');
  });

  it('gives a function of two variables axes with ticks', () => {
    const section: Section = {
      kind: 'valueMap',
      title: 'car',
      rows: 20,
      cols: 30,
      values: Array.from({ length: 600 }, (_, i) => i),
      xLabel: 'position',
      yLabel: 'velocity',
      xDomain: [-1.2, 0.6],
      yDomain: [-0.07, 0.07],
    };
    const html = report(section);
    expect(html).toContain('>position<');
    expect(html).toMatch(/>-?1\.0</);
    expectWellFormed(html);
  });
});

describe('line chart', () => {
  it('breaks the line at values a log axis cannot show', () => {
    const html = report(curves);
    const paths = [...html.matchAll(/<path d="([^"]*)" class="curve"/g)].map(([, d]) => d!);
    expect(paths).toHaveLength(2);
    expect(paths[0]!.match(/[ML]/g) ?? []).toContain('M');
    expect(paths[0]!.split('L')).toHaveLength(3);
    expect(html).toContain('>fast<');
  });

  it('puts equal steps of a log axis at equal distances', () => {
    const series = [{ name: 'a', values: [1, 0.1, 0.01] }];
    const html = report({ ...curves, series } as Section);
    const d = /<path d="M([^"]*)" class="curve"/.exec(html)![1]!;
    const heights = d.split('L').map((point) => Number(point.split(',')[1]));
    expect(heights[1]! - heights[0]!).toBeCloseTo(heights[2]! - heights[1]!, 0);
    expect(heights[0]!).toBeLessThan(heights[2]!);
  });

  it('thins out long curves', () => {
    const values = Float64Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 1000));
    const html = report({ ...curves, logY: false, series: [{ name: 'long', values }] } as Section);
    expect(html.length).toBeLessThan(60_000);
  });
});

describe('token map', () => {
  it('colours by sign and strength, and shows white space', () => {
    const html = report(tokens);
    expect(html).toContain('background:rgba(0, 114, 178, 0.400)');
    expect(html).toContain('background:rgba(213, 94, 0, 0.800)');
    expect(html).toContain('␣');
    expect(html).toContain('&lt;<small>0</small>');
    expect(html).toContain('reward 1');
  });
});

describe('table', () => {
  it('aligns columns of numbers to the right', () => {
    const html = report(table);
    expect(html).toContain('<td class="number">1.5 ms</td>');
    expect(html).toContain('<td>a &amp; b</td>');
    expect(html).toContain('a note');
  });
});

describe('scatter plot', () => {
  it('has one scale for both axes and leaves out what is no number', () => {
    const html = report(cloud);
    const paths = [...html.matchAll(/<path d="([^"]*)" stroke=/g)].map(([, d]) => d!);
    expect(paths.map((d) => d.match(/h0/g)?.length)).toEqual([900, 1]);
    const dots = [...paths[0]!.matchAll(/M([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [+x!, +y!]);
    const [first, last] = [dots[0]!, dots.at(-1)!];
    expect(last[0]! - first[0]!).toBeCloseTo(last[1]! - first[1]!, 1);
  });
});
