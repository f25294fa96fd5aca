import { BehaviorSubject, type MonoTypeOperatorFunction, takeWhile, tap } from 'rxjs';
import { cosineDecay, type LearningRate, type TrainingStep } from '../../src/index.js';

export interface RunLengthOptions {
  readonly learningRate: number;
  /** Where the run ends: after so many steps, or so many seconds. */
  readonly length: { readonly steps: number } | { readonly seconds: number };
  /** Steps and seconds of the run that is resumed. */
  readonly done: { readonly steps: number; readonly seconds: number };
}

/** The length of a run, and the learning rate over it: up for fifty steps, then down along half a cosine to nothing. */
export interface RunLength {
  readonly learningRate: LearningRate;
  /** Lets the steps of the run pass, and ends it. */
  readonly limit: <S extends TrainingStep>() => MonoTypeOperatorFunction<S>;
  /** Seconds of training so far, those before it was resumed included. */
  readonly seconds: () => number;
  /** The share of it that is done after this step; 1 at its end. */
  readonly share: (step: number) => number;
  /** What a checkpoint keeps of it: the settings, and the seconds when it is written. */
  readonly config: (settings: object) => Readonly<Record<string, unknown>>;
}

const WARM_UP = 50;

export function trainingSchedule({ learningRate, length, done }: RunLengthOptions): RunLength {
  const started = performance.now();
  const seconds = (): number => done.seconds + (performance.now() - started) / 1000;
  const config: RunLength['config'] = (settings) => ({
    settings,
    get seconds() {
      return seconds();
    },
  });
  if ('steps' in length) {
    const { steps } = length;
    return {
      learningRate: cosineDecay({ learningRate, steps, warmupSteps: Math.min(WARM_UP, steps - 1) }),
      limit: () => takeWhile(({ step }) => step < steps, true),
      seconds,
      share: (step) => step / steps,
      config,
    };
  }
  // by the clock: how many steps it will be depends on the machine
  const share = (): number => Math.min(1, seconds() / length.seconds);
  const rate = (step: number): number =>
    learningRate * Math.min(1, (step + 1) / (WARM_UP + 1)) * ((1 + Math.cos(Math.PI * share())) / 2);
  const rate$ = new BehaviorSubject(rate(done.steps));
  return {
    learningRate: rate$,
    limit: () => (step$) =>
      step$.pipe(
        tap(({ step }) => rate$.next(rate(step))),
        takeWhile(() => share() < 1, true),
      ),
    seconds,
    share,
    config,
  };
}
