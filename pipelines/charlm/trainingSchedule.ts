import { BehaviorSubject, type MonoTypeOperatorFunction, takeWhile, tap } from 'rxjs';
import { cosineDecay, type LearningRate, type TrainingStep } from '../../src/index.js';

/** Curves of a learning rate. */
export const DECAYS = ['cosine', 'linear', 'none'] as const;
type Decay = (typeof DECAYS)[number];

/** The options of a run's schedule. */
export interface TrainingScheduleOptions {
  /** The largest rate. */
  readonly learningRate: number;
  /** How it falls to 0: along half a cosine, in a line, or not at all. */
  readonly decay: Decay;
  /** When the run ends: after so many steps, or so many seconds. */
  readonly length: { readonly steps: number } | { readonly seconds: number };
  /** Steps and seconds before the run was resumed. */
  readonly done: { readonly steps: number; readonly seconds: number };
}

/** The length of a run, and its learning rate: a warm-up of fifty steps, then its decay. */
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
export function trainingSchedule({ learningRate, decay, length, done }: TrainingScheduleOptions): TrainingSchedule {
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
      learningRate:
        decay === 'cosine'
          ? cosineDecay({ learningRate, steps, warmupSteps: Math.min(WARM_UP, steps - 1) })
          : (step) => learningRate * warmedUp(step) * left(decay, step / steps),
      limit: () => takeWhile(({ step }) => step < steps, true),
      seconds,
      share: (step) => step / steps,
      config,
    };
  }
  // by the clock: the number of steps depends on the machine
  const share = (): number => Math.min(1, seconds() / length.seconds);
  const rate = (step: number): number => learningRate * warmedUp(step) * left(decay, share());
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

/** The part of the largest rate in the warm-up; 1 after it. */
function warmedUp(step: number): number {
  return Math.min(1, (step + 1) / (WARM_UP + 1));
}

/** The part of the largest rate that a decay leaves where this share of the run is done. */
function left(decay: Decay, share: number): number {
  if (decay === 'none') return 1;
  return decay === 'linear' ? 1 - share : (1 + Math.cos(Math.PI * share)) / 2;
}
