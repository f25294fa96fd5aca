import type { ParameterBlock } from './parameterBlock.js';

/** Refuses to learn where the weights of a model, which the function `kind` made, are rounded to 16 bits. */
export function checkLearns({ half }: ParameterBlock, kind = 'sequential'): void {
  if (half === undefined) return;
  throw new Error(
    `this model has weights of ${half}, so that it scores and generates, but does not learn: ` +
      `leave out the option weights of loadModel or ${kind}`,
  );
}
