// Written by scripts/generate.mjs from native/ops: do not edit.

export {};
