// Files of a folder, and a digest that tells whether any of them changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Path from the root with forward slashes, as messages and rules write it. */
export function fromRoot(path) {
  return relative(root, path).split(sep).join('/');
}

/** All files under `folder` (a path from the root), sorted; none if it does not exist. */
export function filesUnder(folder, keep = () => true) {
  const found = [];
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') visit(child);
      } else if (keep(child)) {
        found.push(child);
      }
    }
  };
  const start = join(root, folder);
  if (!existsSync(start)) return found;
  if (statSync(start).isFile()) return [start];
  visit(start);
  return found.sort();
}

/** Digest of names, sizes and times: reading a thousand files on each run would cost too much. */
export function digestOf(paths, extra = []) {
  const hash = createHash('sha256');
  for (const text of extra) hash.update(`${text}\n`);
  for (const path of paths) {
    const facts = statSync(path, { throwIfNoEntry: false });
    hash.update(`${fromRoot(path)} ${facts?.size} ${facts?.mtimeMs}\n`);
  }
  return hash.digest('hex');
}
