// Names and forms shared by the generators.
export function camelCase(name) {
  return name.replace(/_(.?)/g, (_, letter) => letter.toUpperCase());
}

export function pascalCase(name) {
  const camel = camelCase(name);
  return camel[0].toUpperCase() + camel.slice(1);
}

// [[op name, [forms]], ...] in declaration order.
export function groupForms(ops) {
  const groups = new Map();
  for (const op of ops) groups.set(op.name, [...(groups.get(op.name) ?? []), op]);
  return [...groups];
}

export function formName(op, forms) {
  return pascalCase(op.name) + (forms.length > 1 ? pascalCase(op.form) : '');
}

export function publicKey(field) {
  return camelCase(field.name.replace(/#\d*/, ''));
}

const kinds = {
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  nullableNumber: 'number or null',
  numberOrWord: 'number or word',
  choice: 'choice',
  numberList: 'list of numbers',
  integerList: 'list of integers',
  choiceList: 'list of words',
  builtin: 'name of a built-in problem',
};

// "number in [0, 1], default 0.95" for docs.
export function parameterText(field) {
  const words = (field.words ?? []).map((word) => `'${word}'`);
  const parts = [
    words.length > 0 && field.kind !== 'numberOrWord' ? words.join(' | ') : kinds[field.kind],
  ];
  if (field.nullWord) parts[0] += ' | null';
  if (field.kind === 'choiceList') parts[0] = `list of ${words.join(' | ')}`;
  if (field.kind === 'numberOrWord') parts[0] = `number or ${words.join(' | ')}`;
  const low = field.min === undefined ? '' : `${field.openMin ? '>' : '≥'} ${field.min}`;
  const high = field.max === undefined ? '' : `${field.openMax ? '<' : '≤'} ${field.max}`;
  if (low || high) parts.push([low, high].filter(Boolean).join(', '));
  if (field.whole && field.kind !== 'integer') parts.push('integer');
  if (field.kind === 'builtin') return parts[0];
  if (field.required) parts.push('required');
  else if (field.defaultText) parts.push(`default ${field.defaultText}`);
  else if (field.nullDefault) parts.push('default null');
  else if (field.kind === 'boolean') parts.push(`default ${field.default === 1}`);
  else if (field.kind === 'choice') parts.push(`default ${words[field.default]}`);
  else if (field.default !== undefined) parts.push(`default ${field.default}`);
  else if (field.optional) parts.push('optional');
  return parts.join('; ');
}

export function elementText(field) {
  return {
    real: 'float32 or float64',
    mixed: 'float32, float64, bfloat16 or float16',
    flag: 'uint8 or int32, non-zero = true',
    index: 'int32',
  }[field.element];
}

export function shapeText(field) {
  if (field.like) return `as \`${camelCase(field.like)}\``;
  if (field.dims === '*') return 'any';
  if (field.sizedByData) return `[${field.dims}] at most`;
  const name =
    field.dims === ''
      ? 'scalar'
      : field.dims
          .split('|')
          .map((d) => `[${d}]`)
          .join(' or ');
  return name.replaceAll('#', 'i');
}
