// What the bundler of type declarations leaves wrong: in a namespace that is exported as one object
// (`fittedQ` of `belfry`) it takes whatever came from another chunk for a value.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Mends every declaration file of a folder. */
export function mendDeclarations(folder) {
  for (const name of readdirSync(folder)) {
    if (!/\.d\.c?ts$/.test(name)) continue;
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    const mended = mend(text, (chunk) => readChunk(dirname(path), chunk));
    if (mended !== text) writeFileSync(path, mended);
  }
}

/** `./chunk.js` as its declarations, `./chunk.cjs` as those for CommonJS. */
function readChunk(folder, chunk) {
  return readFileSync(join(folder, chunk.replace(/\.(c?)js$/, '.d.$1ts')), 'utf8');
}

/** The text with types and classes of other chunks exported as such. */
export function mend(text, read) {
  let mended = text;
  for (const [, names, chunk] of text.matchAll(/^import \{ (.*) \} from '(\.\/[^']+)';$/gm)) {
    for (const [, name] of names.matchAll(/\w+ as (\w+)/g)) {
      const value = new RegExp(`^declare const (\\w+_${name}): typeof ${name};$`, 'm').exec(mended);
      if (value === null) continue;
      const own = value[1];
      const chunkText = read(chunk);
      const isClass = new RegExp(`^declare (abstract )?class ${name}\\b`, 'm').test(chunkText);
      const isType = new RegExp(`^(declare )?(interface|type) ${name}\\b`, 'm').test(chunkText);
      if (!isClass && !isType) continue;
      const type = `type ${own} = ${name};`;
      mended = mended.replace(value[0], isClass ? `${type}\n${value[0]}` : type);
      if (!isClass) mended = mended.replace(` ${own} as ${name}`, ` type ${own} as ${name}`);
    }
  }
  return mended;
}
