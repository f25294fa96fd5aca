import type { MonoTypeOperatorFunction } from 'rxjs';
import { type Model, progress, type ValidatedStep } from '../../src/index.js';
import type { Best, Done } from './charlmRun.js';
import type { Corpus } from './corpus.js';
import { curve } from '../cli/curve.js';
import type { RunLength } from './trainingSchedule.js';

export interface ReportOptions {
  readonly corpus: Corpus;
  readonly run: RunLength;
  /** One JSON object a line and nothing else. */
  readonly json: boolean;
  /** Steps from one sample to the next. */
  readonly every: number;
  readonly done: Done;
}

/** What a run of `charlm.ts` says. */
export interface Report {
  begin(data: string, model: Model): void;
  /** The live line. */
  live(): MonoTypeOperatorFunction<ValidatedStep>;
  step(step: ValidatedStep, sample: () => string): void;
  /** The last step's validation, `best` the model that is saved. */
  end(now: Best, best: Best): void;
}

export function report({ corpus, run, json, every, done }: ReportOptions): Report {
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
      console.log(`${data}: ${characters} characters to learn, ${heldOut.length} held out, ${symbols.size} symbols`);
      console.log(`${parameters} parameters`);
    },
    live() {
      const before = run.seconds();
      const startShare = run.share(done.steps);
      return progress(({ step, tokens, gradientNorm }) => {
        const seconds = run.seconds();
        const rate = (tokens - done.tokens) / (seconds - before);
        const share = run.share(step);
        return [
          `step ${step}`,
          `epoch ${(tokens / corpus.characters).toFixed(2)}`,
          `${smooth.toFixed(3)} nats`,
          `${(smooth / Math.LN2).toFixed(3)} bits`,
          `ppl ${Math.exp(smooth).toFixed(2)}`,
          `|g| ${gradientNorm.toFixed(2)}`,
          `${Math.round(rate)} tok/s`,
          `ETA ${clock((seconds - before) * ((1 - share) / (share - startShare)))}`,
        ].join(' · ');
      });
    },
    step({ step, loss, validation }, sample) {
      losses.push(loss);
      smooth = Number.isNaN(smooth) ? loss : smooth + Math.max(0.02, 1 / losses.length) * (loss - smooth);
      if (validation) mark(`step ${step}  validation ${figures(validation.loss)}`);
      if (step % every === 0) mark(`step ${step}  ${JSON.stringify(sample())}`);
    },
    end(now, best) {
      console.log(`\nnats a character, each step:\n${curve(losses)}\n`);
      const which = best === now ? '' : `, that of step ${best.step}, the best on the way`;
      console.log(`held-out text: ${figures(best.validation)}${which}`);
    },
  };
}

function figures(nats: number): string {
  return `${nats.toFixed(4)} nats · ${(nats / Math.LN2).toFixed(4)} bits · ppl ${Math.exp(nats).toFixed(2)}`;
}

function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function mark(line: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K'); // off the live line
  console.log(line);
}
