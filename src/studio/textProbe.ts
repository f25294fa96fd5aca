import { generateText } from '../infer/generateText.js';
import { unlimited } from '../flow/demand.js';
import type { Model } from '../model/model.js';
import { seeded } from '../random/seeded.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import { gatesOf } from './gatesOf.js';
import { matchSpans } from './matchSpans.js';
import type { Matches, TextReading } from './messages.js';
import { type Reading, readText, unitsOf } from './readText.js';

/** What a model is asked. */
export interface ProbeOptions {
  readonly model: Model;
  readonly vocabulary: Vocabulary;
  /** The text that it reads; its beginning is shown, and matches are searched in more of it. */
  readonly text: Int32Array;
}

/** How a sample is drawn. */
interface Drawing {
  readonly seed: string;
  readonly length: number;
  readonly temperature: number;
  readonly topP: number;
}

/** Reads and writes text with a model between two steps of its training, which none of this changes. */
export interface TextProbe {
  /** Reads the text; `unit` is the one whose gates are wanted. */
  read(step: number, unit: number | undefined): TextReading;
  /** Finds spans like one of the text that was read last; undefined where it is none. */
  match(from: number, to: number): Matches | undefined;
  sample(drawing: Drawing): string;
}

/** The likeliest symbols that are shown with each. */
const LIKELIEST = 5;
/** Milliseconds that one reading of the shown text may take, and one search. */
const [READING, SEARCH] = [12, 60];
const [FEWEST, MOST_SHOWN, MOST_SEARCHED] = [80, 480, 8000];
/** Characters shown before and after a match. */
const CONTEXT = 14;
/** The most units that are sent. */
const MOST_UNITS = 128;

/** Makes the probe of a model of tokens. How much it reads at once depends on how long the model took before. */
export function textProbe({ model, vocabulary, text }: ProbeOptions): TextProbe {
  const all = unitsOf(model);
  const units = all.slice(0, MOST_UNITS);
  const likeliest = Math.min(LIKELIEST, vocabulary.size);
  let perToken = 0.02; // milliseconds; measured at each reading
  let latest: Reading | undefined;
  const symbol = (token: number): string => vocabulary.symbols[token]!;

  function timed(tokens: Int32Array, likeliest: number): Reading {
    const started = performance.now();
    const reading = readText(model, tokens, likeliest);
    const measured = (performance.now() - started) / Math.max(1, tokens.length);
    perToken = Math.min(measured, 1.5 * perToken); // a machine that was busy once is not taken for a slow one
    return reading;
  }
  return {
    read(step, unit) {
      const length = Math.max(FEWEST, Math.min(MOST_SHOWN, Math.floor(READING / perToken)));
      const reading = (latest = timed(text.subarray(0, length), likeliest));
      const { states, scale } = packStates(reading, units);
      return {
        step,
        symbols: Array.from(reading.tokens, symbol),
        bits: Array.from(reading.bits, (bits) => Math.round(bits * 100) / 100),
        ranks: [...reading.ranks],
        top: Array.from(reading.top, symbol),
        shares: Array.from(reading.shares, (share) => Math.round(share * 1000) / 1000),
        likeliest,
        units: units.map(({ name }) => name),
        states,
        scale,
        gates: unit === undefined || unit >= units.length ? undefined : gatesOf(model, reading, units, unit),
      };
    },
    match(from, to) {
      if (latest === undefined || from >= to || to > latest.tokens.length || to - from > MOST_SHOWN) return undefined;
      const length = Math.max(latest.tokens.length, Math.min(MOST_SEARCHED, Math.floor(SEARCH / perToken)));
      const searched = readText(model, text.subarray(0, length), 0);
      const selected = readText(model, latest.tokens, 0); // with the weights of now, as the text that is searched
      const found = matchSpans(selected, { from, to }, searched, all);
      const words = (start: number, end: number): string =>
        Array.from(searched.tokens.subarray(Math.max(0, start), end), symbol).join('');
      return {
        from,
        to,
        units: found.units.map(({ unit, mean }) => ({ unit, name: all[unit]!.name, mean })),
        spans: found.spans
          .filter((span) => span.to <= from || span.from >= to)
          .map((span) => ({
            before: words(span.from - CONTEXT, span.from),
            span: words(span.from, span.to),
            after: words(span.to, span.to + CONTEXT),
            likeness: span.likeness,
          })),
      };
    },
    sample: ({ seed, length, temperature, topP }) => {
      let sample = '';
      let failure: unknown; // RxJS would throw it later, where nobody could catch it
      const random = seeded(seed);
      const options = { vocabulary, maxTokens: length, temperature, topP, random, demand: unlimited };
      generateText(model, options).subscribe({
        next: ({ text }) => (sample += text),
        error: (error: unknown) => (failure = error),
      });
      if (failure !== undefined) throw failure;
      return sample;
    },
  };
}

/** Packs the activations of the units into signed bytes, as base64. */
function packStates(reading: Reading, units: readonly { readonly place: number }[]): { states: string; scale: number } {
  const { states, carried } = reading;
  const { length } = reading.tokens;
  const places = Int32Array.from(units, ({ place }) => place);
  let scale = 0;
  for (let t = 0; t < length; t++) {
    for (let i = 0; i < places.length; i++) scale = Math.max(scale, Math.abs(states[t * carried + places[i]!]!));
  }
  const share = 127 / (scale || 1);
  const bytes = new Uint8Array(length * places.length);
  for (let t = 0, at = 0; t < length; t++) {
    for (let i = 0; i < places.length; i++) bytes[at++] = Math.round(states[t * carried + places[i]!]! * share);
  }
  return { states: base64(bytes), scale };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x2000) text += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(text);
}
