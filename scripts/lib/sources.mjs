// The C++ and CUDA files that are ours to format and to check.
import { filesUnder } from './tree.mjs';

const endings = /\.(cc|h|cu|cuh)$/;

export function nativeSources() {
  const folders = ['native', 'cuda', 'test/native', 'bench/native'];
  return folders.flatMap((folder) => filesUnder(folder, (path) => endings.test(path)));
}
