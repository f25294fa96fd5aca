// What goes between a run and its page, in both directions: plain JSON.

/** One run that is shown, and what the page can do with it. */
export interface About {
  readonly title: string;
  /** A name of this run; a page that meets another one forgets what it has. */
  readonly run: string;
  /** The settings of the run, for the table. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether the page may steer: there is a steering, and the page has the token. */
  readonly steers: boolean;
  /** Whether a model is there that reads and writes text. */
  readonly reads: boolean;
  /** Earlier runs to compare with. */
  readonly runs: readonly ComparedRun[];
}

/** The curve of an earlier run. */
export interface ComparedRun {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Steps, and the losses after them. */
  readonly steps: readonly number[];
  readonly losses: readonly number[];
}

/** Points of the curves, one array per quantity: a point is the mean of `count` steps, and its step is the last. */
export interface Points {
  readonly count: number[];
  readonly step: number[];
  readonly tokens: number[];
  /** Since the run was first seen. */
  readonly seconds: number[];
  readonly loss: number[];
  readonly gradientNorm: number[];
  readonly learningRate: number[];
  /** The loss on held-out data; null where none was measured. */
  readonly heldOut: (number | null)[];
}

/** The values of the controls. */
export interface ControlsState {
  readonly learningRate: number;
  readonly temperature: number;
  readonly topP: number;
  readonly paused: boolean;
  readonly checkpoints: readonly string[];
  /** The step of the checkpoint that the run has gone back to; absent once it has made a step from there. */
  readonly backAt?: number | undefined;
  /** Whether each action is recorded, so that the run can be repeated. */
  readonly recorded: boolean;
  /** Whether the run replays a recording, whose actions it takes instead of the page's. */
  readonly replaying: boolean;
}

/** A text that the model made up at one moment of the run. */
export interface Sample {
  readonly step: number;
  readonly text: string;
}

/** A text as the model reads it now. */
export interface TextReading {
  readonly step: number;
  /** The symbols of the text, as strings. */
  readonly symbols: readonly string[];
  /** −log2 of the probability of each, in bits. */
  readonly bits: readonly number[];
  /** Its place among all symbols, from 1. */
  readonly ranks: readonly number[];
  /** Before each, the likeliest symbols and their probabilities, `likeliest` of them in turn. */
  readonly top: readonly string[];
  readonly shares: readonly number[];
  readonly likeliest: number;
  /** Names of the units, such as `lstm.h 3`. */
  readonly units: readonly string[];
  /** Base64 of signed bytes, characters × units: activations in 127ths of `scale`. */
  readonly states: string;
  readonly scale: number;
  /** The gates of the unit that is looked at. */
  readonly gates?: Gates | undefined;
}

/** The gates of one unit over the last characters of the text. */
export interface Gates {
  readonly unit: number;
  /** Index in the text of the first character. */
  readonly from: number;
  /** By the gate's name, such as i, f, g, o, c, h of an LSTM in torch's notation. */
  readonly curves: Readonly<Record<string, readonly number[]>>;
  /** What each of them does, in words that begin with its name. */
  readonly means: Readonly<Record<string, string>>;
}

/** Spans of the text in which the states are like those of a selected one. */
export interface Matches {
  readonly from: number;
  readonly to: number;
  /** The units most active in the span, the most active first, with their mean activation. */
  readonly units: readonly { readonly unit: number; readonly name: string; readonly mean: number }[];
  /** Other spans, the most alike first; `likeness` is the cosine of their centred mean states. */
  readonly spans: readonly {
    readonly before: string;
    readonly span: string;
    readonly after: string;
    readonly likeness: number;
  }[];
}

/** One operator's line of marbles. */
export interface Lane {
  readonly title: string;
  /** Items that have passed. */
  readonly count: number;
  /** The latest burst: places on the common order of events, and what passed there. */
  readonly marbles: readonly { readonly at: number; readonly text: string }[];
  readonly ended: boolean;
}

/** The pipeline: what flows, and what waits. */
export interface Pipeline {
  readonly lanes: readonly Lane[];
  readonly credits: readonly { readonly title: string; readonly held: number; readonly peak: number }[];
  /** Where demand waits, in words; empty where everything flows. */
  readonly waiting: string;
}

/** A series with what was expected of it. */
export interface Series {
  readonly title: string;
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
  readonly expected: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** Times at which there was an alarm. */
  readonly alarms: readonly number[];
  /** What the latest of them are about, where that was said. */
  readonly notes: readonly { readonly time: number; readonly note: string }[];
}

/** Which source symbols a decoder attended to for each symbol that it gave. */
export interface Attention {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** `outputs × inputs`, each row a distribution. */
  readonly weights: readonly (readonly number[])[];
}

/** What the model answers to a prompt, growing. */
export interface Answer {
  readonly prompt: string;
  readonly text: string;
  readonly ended: boolean;
  /** Symbols of the prompt that are not in the alphabet, and so were not read; absent where all were. */
  readonly unread?: string | undefined;
  /** Why there is no more; absent where nothing went wrong. */
  readonly problem?: string | undefined;
}

/** Everything that a run tells its page, by topic. */
export interface Topics {
  readonly about: About;
  readonly controls: ControlsState;
  readonly samples: readonly Sample[];
  readonly text: TextReading;
  readonly matches: Matches;
  readonly pipeline: Pipeline;
  readonly series: readonly Series[];
  readonly attention: Attention;
  readonly answer: Answer;
  /** The run has ended, and why. */
  readonly ended: { readonly reason: string };
  /** All points so far, in place of those that the page has. */
  readonly curves: Points;
  /** New points, to be added. */
  readonly points: Points;
}

/** What a person does to a run: each is recorded. */
export type Action =
  | { readonly name: 'learningRate' | 'temperature' | 'topP'; readonly value: number }
  | { readonly name: 'pause' | 'resume' | 'checkpoint' }
  | { readonly name: 'step'; readonly value: number }
  | { readonly name: 'reset'; readonly value: string };

/** What a page asks for to look at: it changes nothing of the run. */
export type Question =
  | { readonly name: 'unit'; readonly value: number }
  | { readonly name: 'span'; readonly from: number; readonly to: number }
  | { readonly name: 'prompt'; readonly value: string };
