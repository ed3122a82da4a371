/** The op declarations as the add-on tells them, and what a call needs to know of each field. */
import { CallMemo } from './call-memo.js';
import { camelCase, native } from './native.js';

export type FieldKind =
  | 'operand'
  | 'output'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'choice'
  | 'nullableNumber'
  | 'numberOrWord'
  | 'numberList'
  | 'integerList'
  | 'choiceList'
  | 'builtin';

/** One operand, parameter or output, as declared in native/ops. Names are snake_case. */
export interface FieldInfo {
  name: string;
  doc: string;
  kind: FieldKind;
  element?: 'real' | 'mixed' | 'flag' | 'index';
  rank?: number;
  dims?: string;
  list?: boolean;
  gaps?: boolean;
  /** Has the shape of this operand. */
  like?: string;
  /** An output of at most dims[0] rows. */
  sizedByData?: boolean;
  count?: string;
  indexBelow?: string;
  indexOr?: string;
  /** -1 is legal too. */
  indexOrNone?: boolean;
  offsetsTo?: string;
  mayAlias?: string;
  /** An output that is made only when `outputs` or `out` names it. */
  onRequest?: boolean;
  low?: number;
  high?: number;
  default?: number;
  /** The default in words, where it depends on other arguments. */
  defaultText?: string;
  nullDefault?: boolean;
  /** A choice that may also be null. */
  nullWord?: boolean;
  /** Integers only, where the kind says number. */
  whole?: boolean;
  min?: number;
  max?: number;
  openMin?: boolean;
  openMax?: boolean;
  sizeOf?: string;
  words?: string[];
  required?: boolean;
  optional?: boolean;
  needs?: string[];
  whenParameter?: string;
  whenWord?: string;
}

export interface OpInfo {
  family: string;
  name: string;
  form?: string;
  pick?: string;
  tier: 'data' | 'algorithm' | 'control';
  summary: string;
  formula: string;
  source: string;
  edge?: string;
  flops?: string;
  /** Sizes that follow from others. */
  rules?: { size: string; sum: string }[];
  fields: FieldInfo[];
}

/** A field, ready for calls. */
export interface FieldPlan {
  info: FieldInfo;
  /** Public name; of a numbered family the part before the number. */
  key: string;
  isOperand: boolean;
  isOutput: boolean;
  isList: boolean;
  /** Number of the first array of a numbered family. */
  first: number;
  /** Place among the fields of its form. */
  index: number;
  words: Map<string, number>;
}

export interface FormPlan {
  index: number;
  info: OpInfo;
  fields: FieldPlan[];
  /** What a call may name, and what its `out` may name. */
  inputs: NameTable;
  outputs: NameTable;
  /** Operands that must be given. */
  requiredKeys: string[];
  pickKey: string;
  pickWord: string;
  /** The last small call. */
  memo: CallMemo;
}

/** Names and what they stand for; numbered ones enter `names` once they were seen. */
export interface NameTable {
  names: Map<string, NamePlan>;
  /** Fields of numbered families, by the part before the number. */
  families: Map<string, number>;
}

/** The field a name stands for, and its number in a numbered family or −1. */
export interface NamePlan {
  index: number;
  number: number;
}

export interface OpPlan {
  family: string;
  /** Public name, as in messages. */
  name: string;
  forms: FormPlan[];
}

/** Names every call understands besides its own operands and parameters. */
export const callKeys: ReadonlySet<string> = new Set([
  'out',
  'outputs',
  'engine',
  'signal',
  'onProgress',
]);

let described: OpInfo[] | undefined;

/** Every declared op, forms apart, in the order of the add-on. */
export function declaredOps(): readonly OpInfo[] {
  described ??= JSON.parse(native().describe()) as OpInfo[];
  return described;
}

/** The plan of one op. */
export function planOp(family: string, name: string): OpPlan {
  const forms: FormPlan[] = [];
  declaredOps().forEach((info, index) => {
    if (info.family === family && info.name === name) forms.push(planForm(info, index));
  });
  return { family, name: camelCase(name), forms };
}

function planForm(info: OpInfo, index: number): FormPlan {
  const fields = info.fields.map(planField);
  const [pickKey = '', pickWord = ''] = (info.pick ?? '').split('=');
  const inputs: NameTable = { names: new Map(), families: new Map() };
  const outputs: NameTable = { names: new Map(), families: new Map() };
  for (const field of fields) {
    const table = field.isOutput ? outputs : inputs;
    if (field.isList) table.families.set(field.key, field.index);
    else table.names.set(field.key, { index: field.index, number: -1 });
  }
  const requiredKeys = fields
    .filter((field) => field.isOperand && field.info.optional !== true)
    .map((field) => (field.isList ? `${field.key}${field.first}` : field.key));
  return {
    index,
    info,
    fields,
    inputs,
    outputs,
    requiredKeys,
    pickKey: camelCase(pickKey),
    pickWord,
    memo: new CallMemo(),
  };
}

function planField(info: FieldInfo, index: number): FieldPlan {
  return {
    info,
    key: camelCase(info.name.replace(/#\d*/, '')),
    first: Number(/#(\d+)/.exec(info.name)?.[1] ?? 0),
    isOperand: info.kind === 'operand',
    isOutput: info.kind === 'output',
    isList: info.list === true,
    index,
    words: new Map((info.words ?? []).map((word, index) => [word, index])),
  };
}
