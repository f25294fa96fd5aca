import type { Layer, NumbersByName } from '../layer/layer.js';
import type { GraphBuilder } from './graphBuilder.js';

/** What a recurrent layer computes, and its state afterwards, by name. */
export interface Recurrent {
  readonly output: string;
  readonly state: Readonly<Record<string, string>>;
}

/** One of stacked recurrent layers, in one direction or both. */
export interface StackedLayer {
  readonly builder: GraphBuilder;
  readonly layer: Layer;
  readonly weights: NumbersByName;
  /** Of the parameters of each direction. */
  readonly suffixes: readonly string[];
  /** steps × lanes × the width of what it reads. */
  readonly input: string;
  /** The state before the first step, by name: directions × lanes × hidden. */
  readonly initial: Readonly<Record<string, string>>;
}
