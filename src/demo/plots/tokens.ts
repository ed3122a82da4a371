import { diverging } from './colours.js';
import { element, escapeText, show } from './svg.js';

/** A value per token, e.g. its advantage, as the background of the token's text. */
export interface TokensSection {
  kind: 'tokens';
  title: string;
  note?: string;
  /** What the colours mean. Default 'advantage'. */
  valueLabel?: string;
  rows: readonly TokenRow[];
}

export interface TokenRow {
  /** The prompt, before the tokens. */
  label: string;
  tokens: readonly string[];
  values: ArrayLike<number>;
  /** After the tokens, e.g. the reward. */
  remark?: string;
}

export function renderTokens(section: TokensSection): string {
  const strongest = section.rows.reduce(
    (most, { values }) =>
      Array.from(values).reduce(
        (max, v) => (Number.isFinite(v) ? Math.max(max, Math.abs(v)) : max),
        most,
      ),
    0,
  );
  if (strongest === 0)
    return section.rows.length === 0 ? '<p>No data.</p>' : renderRows(section, 1);
  return scaleBar(strongest, section.valueLabel ?? 'advantage') + renderRows(section, strongest);
}

function renderRows(section: TokensSection, strongest: number): string {
  const rows = section.rows.map((row) => {
    const cells = row.tokens.map((token, i) => tokenCell(token, row.values[i]!, strongest));
    const remark = row.remark === undefined ? '' : element('small', {}, escapeText(row.remark));
    return element(
      'li',
      {},
      element('span', { class: 'prompt' }, escapeText(row.label)),
      ...cells,
      remark,
    );
  });
  return element('ol', { class: 'tokens' }, ...rows);
}

function tokenCell(token: string, value: number, strongest: number): string {
  const colour = Number.isFinite(value) ? diverging(value / strongest) : 'transparent';
  const attributes = { class: 'token', style: `background:${colour}`, title: show(value) };
  const number = Number.isFinite(value) ? signed(value) : '?';
  return element('span', attributes, escapeText(visible(token)), element('small', {}, number));
}

/** White space would be an empty box. */
function visible(token: string): string {
  return token.replace(/ /g, '␣').replace(/\n/g, '⏎').replace(/\t/g, '⇥') || '∅';
}

function signed(value: number): string {
  const text = value.toFixed(2);
  if (Number(text) === 0) return '0';
  return value > 0 ? `+${text}` : text;
}

function scaleBar(strongest: number, name: string): string {
  const cells = Array.from({ length: 21 }, (_, i) =>
    element('i', { style: `background:${diverging((i - 10) / 10)}` }),
  );
  return element(
    'p',
    { class: 'scale' },
    escapeText(`${name} `),
    show(-strongest),
    element('span', { class: 'bar' }, ...cells),
    `+${show(strongest)}`,
  );
}
