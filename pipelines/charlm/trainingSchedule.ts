import { BehaviorSubject, type MonoTypeOperatorFunction, takeWhile, tap } from 'rxjs';
import { cosineDecay, type LearningRate, type TrainingStep } from '../../src/index.js';

/** The options of a run's schedule. */
export interface TrainingScheduleOptions {
  readonly learningRate: number;
  /** When the run ends: after so many steps, or so many seconds. */
  readonly length: { readonly steps: number } | { readonly seconds: number };
  /** Steps and seconds before the run was resumed. */
  readonly done: { readonly steps: number; readonly seconds: number };
}

/** The length of a run, and its learning rate: a warm-up of fifty steps, then a cosine decay to 0. */
export interface TrainingSchedule {
  readonly learningRate: LearningRate;
  /** Passes on the steps of the run and completes at its end. */
  readonly limit: <S extends TrainingStep>() => MonoTypeOperatorFunction<S>;
  /** Seconds of training so far, including those before the run was resumed. */
  readonly seconds: () => number;
  /** The share of the run that is done after this step; 1 at its end. */
  readonly share: (step: number) => number;
  /** Data for a checkpoint: the settings, other options, and the seconds of training when it is written. */
  readonly config: (settings: object, options: object) => Readonly<Record<string, unknown>>;
}

const WARM_UP = 50;

/** Makes the schedule of a run of so many steps or seconds. */
export function trainingSchedule({ learningRate, length, done }: TrainingScheduleOptions): TrainingSchedule {
  const started = performance.now();
  const seconds = (): number => done.seconds + (performance.now() - started) / 1000;
  const config: TrainingSchedule['config'] = (settings, options) => ({
    settings,
    options,
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
  // by the clock: the number of steps depends on the machine
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
