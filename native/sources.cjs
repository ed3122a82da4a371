// Prints the C++ sources of the add-on, relative to the package root, one a line: every .cc file
// under native/ops, native/core, native/cpu and native/binding. Read by native/belfry.gypi and
// CMakeLists.txt (which leaves out the binding), so that a new file needs no list.
const { readdirSync } = require('node:fs');
const { join } = require('node:path');

const folders = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['ops', 'core', 'cpu', 'binding'];

function list(folder) {
  return readdirSync(join(__dirname, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return list(path);
    return entry.name.endsWith('.cc') ? [`native/${path}`] : [];
  });
}

console.log(folders.flatMap(list).sort().join('\n'));
