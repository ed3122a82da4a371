#!/usr/bin/env node
/** The command line: `belfry demo | learning | doctor | bench | solve | build`. */
import { Command, CommanderError } from 'commander';

import { addBenchCommand } from './cli/bench.js';
import { addBuildCommand } from './cli/build.js';
import { addDemoCommand } from './cli/demo.js';
import { addDoctorCommand } from './cli/doctor.js';
import { exitCodes } from './cli/exit-codes.js';
import { addLearningCommand } from './cli/learning.js';
import { addSolveCommand } from './cli/solve.js';
import { BelfryError } from './errors.js';
import { packageVersion } from './native.js';

const program = new Command('belfry')
  .description('The compute engine for reinforcement learning in TypeScript.')
  .version(packageVersion())
  .showHelpAfterError('(belfry --help lists the commands)')
  .exitOverride();

addDemoCommand(program);
addDoctorCommand(program);
addBenchCommand(program);
addLearningCommand(program);
addSolveCommand(program);
addBuildCommand(program);
program.addHelpText(
  'after',
  `
Exit codes: ${exitCodes.ok} done, ${exitCodes.failed} failed, ${exitCodes.notConverged} solved, but not to the tolerance,
${exitCodes.noGpu} the GPU that was asked for cannot be used, ${exitCodes.usage} the command line is wrong,
${exitCodes.interrupted} interrupted.`,
);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  console.error(error instanceof BelfryError ? error.message : error);
  const isGpu = error instanceof BelfryError && error.code === 'BELFRY_CUDA_UNAVAILABLE';
  return isGpu ? exitCodes.noGpu : exitCodes.failed;
}
