// The TypeScript functions of one family, from the declarations.
import {
  camelCase,
  elementText,
  formName,
  groupForms,
  parameterText,
  publicKey,
  shapeText,
} from './names.mjs';

const arrayTypes = {
  real: 'Operand<A>',
  mixed: 'Operand<A | Uint16Array>',
  flag: 'Operand<Uint8Array | Int32Array>',
  index: 'Operand<Int32Array>',
};
const outputTypes = {
  real: 'Tensor<A>',
  mixed: 'Tensor<A>',
  flag: 'Tensor<Uint8Array>',
  index: 'Tensor<Int32Array>',
};

function comment(text, indent = '  ') {
  return `${indent}/** ${text.replaceAll('*/', '* /')} */\n`;
}

function fieldKey(field) {
  const key = publicKey(field);
  return field.list ? `[key: \`${key}\${number}\`]` : key;
}

function parameterType(field) {
  const words = (field.words ?? []).map((word) => `'${word}'`).join(' | ');
  return {
    number: 'number',
    integer: 'number',
    boolean: 'boolean',
    nullableNumber: 'number | null',
    numberOrWord: `number | ${words}`,
    choice: field.nullWord ? `${words} | null` : words,
    numberList: 'readonly number[] | RealArray | Int32Array',
    integerList: 'readonly number[] | Int32Array',
    choiceList: `readonly (${words})[]`,
    builtin: 'string',
  }[field.kind];
}

// A built-in problem may stand for operands, so none of them is required of a caller.
function operandLine(field, fromBuiltin) {
  const optional = (field.optional || fromBuiltin) && !field.list ? '?' : '';
  const when = field.whenParameter
    ? `; required when ${camelCase(field.whenParameter)} is '${field.whenWord}'`
    : '';
  const doc = `${field.doc}. Shape ${shapeText(field)}, ${elementText(field)}${when}.`;
  const number = field.dims === '1' ? ' | number' : '';
  return `${comment(doc)}  ${fieldKey(field)}${optional}: ${arrayTypes[field.element]}${number};\n`;
}

// The parameter that chooses the form must be given, with the word that chooses it.
function pickedType(field, word) {
  if (word === undefined) return parameterType(field);
  if (field.kind === 'boolean') return word;
  return field.kind === 'builtin' ? `'${word}' | \`${word}(\${string}\`` : `'${word}'`;
}

// A built-in problem may stand for lists too, such as its goal.
function parameterLine(op, field) {
  const [pick, word] = (op.pick ?? '').split('=');
  const picks = pick === field.name;
  const fromBuiltin = takesBuiltin([op]) && field.kind.endsWith('List');
  const optional = picks || (field.required && !fromBuiltin) ? '' : '?';
  const type = picks ? pickedType(field, word) : parameterType(field);
  return `${comment(`${field.doc} (${parameterText(field)}).`)}  ${publicKey(field)}${optional}: ${type};\n`;
}

function outputLine(field) {
  const sometimes = field.needs?.length > 0 || field.whenParameter || field.onRequest;
  const conditional = sometimes && !field.list ? '?' : '';
  const type = field.dims === '' ? 'number' : outputTypes[field.element];
  return `${comment(`${field.doc}${field.dims === '' ? '' : `. Shape ${shapeText(field)}`}.`)}  ${fieldKey(field)}${conditional}: ${type};\n`;
}

function argsInterface(op, name) {
  const fromBuiltin = takesBuiltin([op]);
  const lines = op.fields
    .filter((field) => field.kind !== 'output')
    .map((field) =>
      field.kind === 'operand' ? operandLine(field, fromBuiltin) : parameterLine(op, field),
    );
  const title = op.form ? ` (form '${op.form}')` : '';
  return (
    comment(`Operands and parameters of \`${camelCase(op.name)}\`${title}.`, '') +
    `export interface ${name}Args<A extends RealArray = RealArray> {\n${lines.join('')}}\n\n`
  );
}

function resultInterface(op, name) {
  const lines = op.fields.filter((field) => field.kind === 'output').map(outputLine);
  return (
    comment(`Outputs of \`${camelCase(op.name)}\`.`, '') +
    `export interface ${name}Result<A extends RealArray = RealArray> {\n${lines.join('')}}\n\n`
  );
}

function docComment(op, twin) {
  const lines = [op.summary, '', `\`${op.formula}\``, ''];
  if (op.edge) lines.push(op.edge, '');
  lines.push(`Source: ${op.source}.`, '');
  if (twin)
    lines.push(
      "Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.",
      '',
    );
  lines.push('@throws BelfryError when an argument is wrong; nothing is then written');
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

function takesBuiltin(forms) {
  return forms.some((form) => form.fields.some((field) => field.kind === 'builtin'));
}

function functions(name, forms) {
  const fn = camelCase(name);
  const op = `${fn}Op`;
  const builtin = takesBuiltin(forms) ? ', problemOperands' : '';
  let out = `const ${op}: Op = /* @__PURE__ */ new Op('${forms[0].family}', '${name}'${builtin});\n\n`;
  for (const twin of [false, true]) {
    const options = twin ? ' & AsyncOptions' : '';
    const wrap = (type) => (twin ? `Promise<${type}>` : type);
    const suffix = twin ? 'Async' : '';
    const signature = (form) => {
      const base = formName(form, forms);
      return (
        `export function ${fn}${suffix}<A extends RealArray>(args: ${base}Args<A> & ` +
        `CallOptions<${base}Result<A>>${options}): ${wrap(`${base}Result<A>`)}`
      );
    };
    if (forms.length === 1) {
      out += `${docComment(forms[0], twin)}${signature(forms[0])} {\n`;
      out += `  return ${op}.call${suffix}(args) as ${wrap(`${formName(forms[0], forms)}Result<A>`)};\n}\n\n`;
      continue;
    }
    for (const form of forms) out += `${docComment(form, twin)}${signature(form)};\n`;
    out += `export function ${fn}${suffix}(args: object): ${wrap('unknown')} {\n  return ${op}.call${suffix}(args);\n}\n\n`;
  }
  return out;
}

export function familySource(ops) {
  const header = `// Written by scripts/generate.mjs from native/ops: do not edit.\n`;
  if (ops.length === 0) return `${header}\nexport {};\n`;
  let out =
    header +
    (takesBuiltin(ops)
      ? `import { problemOperands } from '../bellman/problems/operands.js';\n`
      : '') +
    `import { type CallOptions, Op } from '../call.js';\n` +
    `import type { AsyncOptions } from '../tasks.js';\n` +
    `import type { ArrayLike as Operand, RealArray, Tensor } from '../tensor.js';\n\n`;
  for (const [name, forms] of groupForms(ops)) {
    for (const form of forms) {
      out += argsInterface(form, formName(form, forms));
      out += resultInterface(form, formName(form, forms));
    }
    out += functions(name, forms);
  }
  return `${out.trimEnd()}\n`;
}
