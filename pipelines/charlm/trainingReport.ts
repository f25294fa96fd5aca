import type { MonoTypeOperatorFunction } from 'rxjs';
import { type Model, progress, type ValidatedStep, visible } from '../../src/index.js';
import type { Best } from './checkpointFolder.js';
import type { Done } from './checkSettings.js';
import type { Corpus } from './corpus.js';
import { curve } from '../cli/curve.js';
import { print } from '../cli/print.js';
import { printRow } from '../cli/printRow.js';
import { progressLine } from '../cli/progressLine.js';
import { timeLeft } from '../cli/timeLeft.js';
import type { TrainingSchedule } from './trainingSchedule.js';

/** What a report is about. */
export interface ReportOptions {
  readonly corpus: Corpus;
  readonly run: TrainingSchedule;
  /** Print one JSON object per line and nothing else. */
  readonly json: boolean;
  /** Steps between samples. */
  readonly every: number;
  readonly done: Done;
}

/** The output of a run of `charlm.ts`. */
export interface Report {
  /** Prints the size of the corpus and of the model. */
  begin(data: string, model: Model): void;
  /** Shows the progress on one line that is overwritten. */
  live(): MonoTypeOperatorFunction<ValidatedStep>;
  /** Prints a validation, and a sample when it is due. */
  step(step: ValidatedStep, sample: () => string): void;
  /** Prints the curve and the loss of the model that is saved; `now` is the model of the last step. */
  end(now: Best, best: Best): void;
}

/** Makes the report of a run, for people or as JSON lines. */
export function trainingReport({ corpus, run, json, every, done }: ReportOptions): Report {
  const losses: number[] = [];
  let smooth = NaN;
  let validated = 0;
  if (json)
    return {
      begin() {},
      live: () => (step$) => step$,
      step({ step, loss, tokens, gradientNorm, validation }) {
        console.log(JSON.stringify({ step, loss, bits: loss / Math.LN2, tokens, gradientNorm }));
        if (!validation) return;
        validated = step;
        console.log(JSON.stringify({ step, validation: validation.loss }));
      },
      end({ step, validation }) {
        if (step !== validated) console.log(JSON.stringify({ step, validation }));
      },
    };
  return {
    begin(data, model) {
      const { characters, symbols, heldOut } = corpus;
      const parameters = [...model.weights.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
      const sizes = `${characters} characters to learn, ${heldOut.length} held out, ${symbols.size} symbols`;
      print(`${visible(data)}: ${sizes}\n${parameters} parameters`);
    },
    live() {
      const before = run.seconds();
      const left = timeLeft(run.share(done.steps), run.seconds);
      return progress(({ step, tokens, gradientNorm }) => {
        const rate = (tokens - done.tokens) / (run.seconds() - before);
        return progressLine([
          ...left(run.share(step)),
          `${smooth.toFixed(3)} nats`,
          `step ${step}`,
          `${(smooth / Math.LN2).toFixed(3)} bits`,
          `${Math.round(rate)} char/s`,
          `epoch ${(tokens / corpus.characters).toFixed(2)}`,
          `ppl ${Math.exp(smooth).toFixed(2)}`,
          `|g| ${gradientNorm.toFixed(2)}`,
        ]);
      });
    },
    step({ step, loss, validation }, sample) {
      losses.push(loss);
      smooth = Number.isNaN(smooth) ? loss : smooth + Math.max(0.02, 1 / losses.length) * (loss - smooth);
      if (validation) printRow(`step ${step}  validation`, figures(validation.loss));
      if (step % every === 0) printRow(`step ${step}`, visible(JSON.stringify(sample())));
    },
    end(now, best) {
      if (losses.length > 0) print(`\nnats per character, each step:\n${curve(losses)}\n`);
      const which = best === now ? '' : `, that of step ${best.step}, the best on the way`;
      print(`held-out text: ${figures(best.validation)}${which}`);
      const guess = Math.log(corpus.symbols.size);
      if (best.validation > guess) {
        const diverged = `that is worse than guessing (${guess.toFixed(2)} nats): the run diverged or was too short`;
        print(`${diverged}; try a smaller --learning-rate, or more --steps`);
      }
    },
  };
}

function figures(nats: number): string {
  return `${nats.toFixed(4)} nats · ${(nats / Math.LN2).toFixed(4)} bits · ppl ${Math.exp(nats).toFixed(2)}`;
}
