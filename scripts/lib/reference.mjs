// The reference page of one family, from the declarations.
import {
  camelCase,
  elementText,
  groupForms,
  parameterText,
  publicKey,
  shapeText,
} from './names.mjs';

function cell(text) {
  return text.replaceAll('|', '\\|');
}

function table(header, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return `${line(header)}${line(header.map(() => '---'))}${rows.map((row) => line(row.map(cell))).join('')}\n`;
}

function listKey(field) {
  return `\`${publicKey(field)}${field.list ? 'i' : ''}\``;
}

function condition(field) {
  if (field.kind === 'operand') {
    if (field.whenParameter)
      return `required when ${camelCase(field.whenParameter)} is '${field.whenWord}'`;
    return field.optional ? 'optional' : 'required';
  }
  if (field.onRequest) return 'on request';
  const needs = (field.needs ?? []).map((name) => `\`${camelCase(name.replace(/#\d*/, 'i'))}\``);
  if (field.whenParameter) needs.push(`${camelCase(field.whenParameter)} '${field.whenWord}'`);
  return needs.length > 0 ? `with ${needs.join(', ')}` : '';
}

function section(op) {
  const of = (...kinds) => op.fields.filter((field) => kinds.includes(field.kind));
  const arrays = (fields) =>
    fields.map((f) => [listKey(f), shapeText(f), elementText(f), condition(f), f.doc]);
  const parameters = op.fields.filter((f) => f.kind !== 'operand' && f.kind !== 'output');
  let out = op.form ? `### Form \`${op.form}\`\n\n` : '';
  out += `${op.summary}\n\n\`\`\`text\n${op.formula}\n\`\`\`\n\n`;
  if (op.edge) out += `${op.edge}\n\n`;
  out += `Source: ${op.source}.\n\n`;
  out += table(['operand', 'shape', 'elements', '', 'meaning'], arrays(of('operand')));
  out += table(
    ['parameter', 'values', 'meaning'],
    parameters.map((f) => [`\`${publicKey(f)}\``, parameterText(f), f.doc]),
  );
  out += table(['output', 'shape', 'elements', '', 'meaning'], arrays(of('output')));
  if (op.flops) out += `Work: ${op.flops} floating-point operations.\n\n`;
  return out;
}

export function referencePage(family, ops) {
  const groups = groupForms(ops);
  let out = `<!-- Written by scripts/generate.mjs from native/ops: do not edit. -->\n# Reference: \`belfry/${family}\`\n\n`;
  out +=
    'Every function has an `Async` twin that takes `signal` and `onProgress` too. Every call takes `out`, `outputs` and `engine`.\n\n';
  out += `${groups.map(([name]) => `[\`${camelCase(name)}\`](#${camelCase(name).toLowerCase()})`).join(' · ')}\n\n`;
  for (const [name, forms] of groups) {
    out += `## ${camelCase(name)}\n\n${forms.map(section).join('')}`;
  }
  return `${out.trimEnd()}\n`;
}
