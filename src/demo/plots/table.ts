import { element, escapeText } from './svg.js';

export interface TableSection {
  kind: 'table';
  title: string;
  note?: string;
  header: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A number, perhaps with a sign, a unit, or "x". */
const NUMBER = /^[<>~±+-]?\d[\d.,_]*(?:e[+-]?\d+)?\s*(?:%|x|×|[a-zµ/]{1,6})?$/i;

export function renderTable(section: TableSection): string {
  const { header, rows } = section;
  const right = header.map((_, c) =>
    rows.every((row) => (row[c] ?? '') === '' || NUMBER.test(row[c]!)),
  );
  const cell = (tag: string, text: string, c: number): string =>
    element(tag, right[c] ? { class: 'number' } : {}, escapeText(text));
  const line = (tag: string, texts: readonly string[]): string =>
    element('tr', {}, ...texts.map((text, c) => cell(tag, text, c)));
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      {},
      element('thead', {}, line('th', header)),
      element('tbody', {}, ...rows.map((row) => line('td', row))),
    ),
  );
}
