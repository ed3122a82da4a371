/** Finding and reading golden files. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import type { GoldenCase, GoldenPath } from './golden-types.js';

/** Every `.json` under the folders; the family is the folder that holds the file. */
export function findGoldenFiles(folders: readonly string[]): GoldenPath[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => ({
        family: basename(dirname(resolve(path))),
        op: basename(path, '.json'),
        path,
      })),
  );
}

export function readGoldenFile(file: GoldenPath): { cases: GoldenCase[] } {
  const content = JSON.parse(readFileSync(file.path, 'utf8')) as {
    algorithm: string;
    cases: GoldenCase[];
  };
  if (content.algorithm !== file.op) {
    throw new Error(`${file.path}: algorithm is "${content.algorithm}", expected "${file.op}"`);
  }
  return content;
}
