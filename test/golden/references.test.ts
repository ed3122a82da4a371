/** The golden files that references of our own make are what the references give today. */
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { reference as bellmanBackupGrid } from '../reference/bellman/bellman-backup-grid.js';
import { reference as finiteHorizonDense } from '../reference/bellman/finite-horizon-dense.js';
import { reference as extraTrees } from '../reference/fitted-q/extra-trees.js';
import { reference as extraTreesPack } from '../reference/fitted-q/extra-trees-pack.js';
import { reference as extraTreesPredict } from '../reference/fitted-q/extra-trees-predict.js';
import { reference as linearQValues } from '../reference/fitted-q/linear-q-values.js';
import { reference as neuralFqiStep } from '../reference/fitted-q/neural-fqi-step.js';
import { reference as optimizers } from '../reference/fitted-q/optimizers.js';
import { reference as diffusionQlTrainStep } from '../reference/flow/diffusion-ql-train-step.js';
import { reference as fqlTrainStep } from '../reference/flow/fql-train-step.js';
import { reference as halfMlp } from '../reference/flow/half-mlp.js';
import { reference as meanFlowQTrainStep } from '../reference/flow/mean-flow-q-train-step.js';
import { reference as optimizerStep } from '../reference/flow/optimizer-step.js';
import { goldenText } from '../reference/golden.js';
import { reference as controlStep } from '../reference/offline/control-step.js';
import { reference as fusedLinearLogprob } from '../reference/token/fused-linear-logprob.js';

const references = [
  bellmanBackupGrid,
  finiteHorizonDense,
  extraTrees,
  extraTreesPack,
  extraTreesPredict,
  linearQValues,
  neuralFqiStep,
  optimizers,
  controlStep,
  fqlTrainStep,
  meanFlowQTrainStep,
  diffusionQlTrainStep,
  fusedLinearLogprob,
  halfMlp,
  optimizerStep,
];

test.each(references)('$family/$op', async (reference) => {
  const path = new URL(
    `./${reference.folder ?? reference.family}/${reference.op}.json`,
    import.meta.url,
  );
  await expect(goldenText(reference)).toMatchFileSnapshot(fileURLToPath(path));
});
