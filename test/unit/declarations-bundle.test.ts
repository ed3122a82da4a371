/** What `scripts/lib/declarations.mjs` mends in bundled declarations. */
import { expect, test } from 'vitest';

const { mend } = (await import('../../scripts/lib/declarations.mjs' as string)) as {
  mend: (text: string, read: (chunk: string) => string) => string;
};

const chunk = `interface Shape { }
declare class Model { }
declare function solve(): void;
export { type Shape as a, Model as b, solve as c };
`;
const bundle = `import { a as Shape, b as Model, c as solve } from './chunk.js';
declare const index_Shape: typeof Shape;
declare const index_Model: typeof Model;
declare const index_solve: typeof solve;
declare namespace index {
  export { index_Shape as Shape, index_Model as Model, index_solve as solve };
}
`;

test('types and classes of other chunks are types in a namespace', () => {
  const mended = mend(bundle, () => chunk);
  expect(mended).toContain('\ntype index_Shape = Shape;\n');
  expect(mended).not.toContain('typeof Shape');
  expect(mended).toContain('type index_Model = Model;\ndeclare const index_Model: typeof Model;');
  expect(mended).toContain('declare const index_solve: typeof solve;');
  expect(mended).toContain(
    '{ type index_Shape as Shape, index_Model as Model, index_solve as solve }',
  );
});
