import { reader } from '../infer/reader.js';
import { topTokens } from '../infer/topTokens.js';
import type { Model } from '../model/model.js';

/** A unit of a recurrent layer: one number that is carried from step to step. */
export interface Unit {
  /** Such as `lstm.h 3`, or `lstm.h 3, layer 2`. */
  readonly name: string;
  /** The name of its state, such as `lstm.h`. */
  readonly state: string;
  /** The layer of a stack, from 0. */
  readonly depth: number;
  /** Its index within the layer. */
  readonly index: number;
  /** Where it is among the numbers that a lane carries. */
  readonly place: number;
}

/** A text as a model reads it, token by token. */
export interface Reading {
  readonly tokens: Int32Array;
  /** −log2 of the probability of each token after those before it. */
  readonly bits: Float64Array;
  readonly ranks: Int32Array;
  /** tokens × `likeliest`: the likeliest tokens, and their probabilities. */
  readonly top: Int32Array;
  readonly shares: Float64Array;
  readonly likeliest: number;
  /** tokens × `carried`: all that the model carries, after each token was read. */
  readonly states: Float32Array;
  readonly carried: number;
}

/** Lists the units of a model: the numbers of the states called `h`, which are outputs of recurrent layers. */
export function unitsOf(model: Model): Unit[] {
  const units: Unit[] = [];
  let place = 0;
  for (const [
    state,
    {
      shape: [depths = 1, , size = 0],
    },
  ] of model.zeroState()) {
    if (/(?:^|\.)h$/.test(state)) {
      for (let i = 0; i < depths * size; i++) {
        const [depth, index] = [Math.floor(i / size), i % size];
        const layer = depths > 1 ? `, layer ${depth + 1}` : '';
        units.push({ name: `${state} ${index}${layer}`, state, depth, index, place: place + i });
      }
    }
    place += depths * size;
  }
  return units;
}

/** Counts the numbers that a lane of a model carries. */
function carriedBy(model: Model): number {
  return [...model.zeroState().values()].reduce((sum, { data }) => sum + data.length, 0);
}

/**
 * Reads a text through a model from a state of zeros, in buffers of its own: a training run of the same model is not
 * changed by it. `likeliest` tokens are noted with each; with 0 the text is read for its states alone, faster.
 */
export function readText(model: Model, tokens: Int32Array, likeliest: number): Reading {
  const { read, nats, logits, probabilities, tape } = reader('studio', model);
  const carried = carriedBy(model);
  const { length } = tokens;
  const lane = model.dtype === 'float32' ? new Float32Array(carried) : new Float64Array(carried);
  const reading: Reading = {
    tokens,
    bits: new Float64Array(length),
    ranks: new Int32Array(length),
    top: new Int32Array(length * likeliest),
    shares: new Float64Array(length * likeliest),
    likeliest,
    states: new Float32Array(length * carried),
    carried,
  };
  read(-1); // "no input": what comes first is scored after it
  for (let t = 0; t < length; t++) {
    if (likeliest > 0) score(t);
    read(tokens[t]!);
    tape.readLane(0, lane);
    reading.states.set(lane, t * carried);
  }
  tape.release();
  return reading;

  function score(t: number): void {
    const token = tokens[t]!;
    reading.bits[t] = nats(token) / Math.LN2;
    const row = logits();
    const own = row[token]!;
    let rank = 1;
    for (let i = 0; i < row.length; i++) if (row[i]! > own || (row[i] === own && i < token)) rank++;
    reading.ranks[t] = rank;
    const shares = probabilities();
    for (const [i, other] of topTokens('studio', row, likeliest).entries()) {
      reading.top[t * likeliest + i] = other;
      reading.shares[t * likeliest + i] = shares[other]!;
    }
  }
}
