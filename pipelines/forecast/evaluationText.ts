import type { Evaluation } from './evaluation.js';

const LEVEL = 1.002; // errors that differ by less are the same

/** A table of errors, and a sentence on which forecast is the one to use. */
export function evaluationText({ model, linear, before, season }: Evaluation): string {
  const lines = [`${''.padEnd(18)}${'mean square'.padStart(12)}${'mean'.padStart(10)}`];
  for (const [what, found] of [
    ['this model', model],
    ['linear map alone', linear],
    ['as before', before],
    ['as a season ago', season],
  ] as const) {
    if (found) lines.push(`${what.padEnd(18)}${figure(found.mse).padStart(12)}${figure(found.mae).padStart(10)}`);
  }
  return [...lines, verdict(model.mse, linear.mse, [before.mse, season?.mse])].join('\n');
}

/** Which of the forecasts is the one to use, where that is not this model. */
function verdict(model: number, linear: number, [before, season]: readonly [number, number | undefined]): string {
  const simple = Math.min(before, season ?? Infinity);
  if (before === 0) return 'nothing changes in these rows: "as before" predicts them without a model';
  if (season === 0) return 'these rows repeat those of a season ago: "as a season ago" predicts them without a model';
  if (simple <= model) {
    return `"${simple < before ? 'as a season ago' : 'as before'}" is at least as good here: this model is not worth its work`;
  }
  if (linear <= model * LEVEL) return 'the linear map alone is as good: the network adds nothing here';
  return `this model is the best of them, ${(100 * (1 - model / Math.min(linear, simple))).toFixed(1)} % below the next`;
}

function figure(x: number): string {
  return x.toFixed(4);
}
