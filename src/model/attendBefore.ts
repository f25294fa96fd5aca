import type { Layer, LayerGradients, LayerInput, LayerTape, NumbersByName, TapeContext } from '../layer/layer.js';
import type { Numbers } from '../types.js';
import { attentionOver } from './attentionOver.js';
import type { EncoderOutputs } from './encoderOutputs.js';

/** What a decoder that looks before each step is made of. */
export interface AttendBeforeOptions {
  readonly decoder: Layer;
  readonly attention: Layer;
  readonly source: EncoderOutputs;
  /** The parameters of the attention; those of the decoder come with its tape. */
  readonly weights: NumbersByName;
  gradients(): NumbersByName;
}

/** The decoder in one step of a window. */
interface StepOfWindow {
  readonly tape: LayerTape;
  /** The input beside the context, `lanes × decoder's inputSize`. */
  readonly joined: Numbers;
  back?: { readonly half: LayerGradients; readonly outputGradient: Numbers };
}

/**
 * A decoder that looks with the state before each step, as of Bahdanau, Cho and Bengio (2015): the step reads its input and,
 * beside it, the context of that state, so that nothing can be computed for all steps at once. Each step of a window has
 * the decoder in a tape of its own, of one step.
 */
export function attendBefore({ decoder, attention, source, weights, gradients }: AttendBeforeOptions): Layer {
  const { outputSize: contextSize, inputSize: querySize } = attention;
  const inputSize = decoder.inputSize - contextSize;
  return { ...decoder, inputSize, tape: unrolled };

  function unrolled(context: TapeContext): LayerTape {
    const { kernel, steps: capacity, lanes, allocate } = context;
    const { outputSize } = decoder;
    const [rowLength, outputLength, queryLength] = [inputSize, outputSize, querySize].map((size) => size * lanes) as [
      number,
      number,
      number,
    ];
    const makeState = (): NumbersByName =>
      Object.fromEntries(
        Object.entries(decoder.state).map(([name, [depth, size]]) => [name, allocate(depth * lanes * size)]),
      );
    const state = makeState();
    const output = allocate(capacity * outputLength);
    const queries = allocate(capacity * queryLength);
    const seen = allocate(lanes * contextSize); // the context of one step
    const own = attentionOver(attention, { kernel, weights, queries: capacity, lanes, allocate }, source);
    const window: StepOfWindow[] = [];

    const topOf = ({ h }: NumbersByName): Numbers => h!.subarray(h!.length - queryLength);
    const queryAt = (t: number): Numbers => queries.subarray(t * queryLength, (t + 1) * queryLength);

    function stepAt(t: number): StepOfWindow {
      return (window[t] ??= {
        tape: decoder.tape({ ...context, steps: 1 }),
        joined: allocate(lanes * decoder.inputSize),
      });
    }

    /** Writes the input of step t beside its context; a token is a row with a 1 in its place. */
    function join({ joined }: StepOfWindow, input: LayerInput, t: number): void {
      if (input instanceof Int32Array) {
        kernel.zero(joined, joined.length);
        for (let lane = 0; lane < lanes; lane++) {
          const token = input[t * lanes + lane]!;
          if (token >= 0) joined[lane * decoder.inputSize + token] = 1;
        }
      } else {
        const row = input.subarray(t * rowLength, (t + 1) * rowLength);
        kernel.setColumns(joined, decoder.inputSize, 0, row, inputSize, 0, lanes, inputSize);
      }
      kernel.setColumns(joined, decoder.inputSize, inputSize, seen, contextSize, 0, lanes, contextSize);
    }

    return {
      output,
      state,
      forward(input, steps, { mask, dropoutRandom } = {}) {
        own.begin();
        for (let t = 0; t < steps; t++) {
          const step = stepAt(t);
          const query = queryAt(t);
          query.set(topOf(state));
          own.attend(t, query, seen);
          join(step, input, t);
          copyAll(step.tape.state, state);
          const present = mask?.subarray(t * lanes, (t + 1) * lanes);
          step.tape.forward(step.joined, 1, { mask: present, dropoutRandom });
          copyAll(state, step.tape.state);
          output.set(step.tape.output.subarray(0, outputLength), t * outputLength);
        }
      },
      differentiate({ gradients: ofDecoder, outputGradient }) {
        const stateGradient = makeState();
        const back = own.differentiate(gradients());
        const dJoined = allocate(lanes * decoder.inputSize);
        const dSeen = allocate(lanes * contextSize);

        function differentiated(step: StepOfWindow): NonNullable<StepOfWindow['back']> {
          if (step.back) return step.back;
          const atOutput = allocate(outputLength);
          const half = step.tape.differentiate({ gradients: ofDecoder, outputGradient: atOutput });
          return (step.back = { half, outputGradient: atOutput });
        }

        return {
          stateGradient,
          backward(_input, inputGradient, steps) {
            back.begin();
            for (let t = steps - 1; t >= 0; t--) {
              const step = stepAt(t);
              const { half, outputGradient: atOutput } = differentiated(step);
              atOutput.set(outputGradient.subarray(t * outputLength, (t + 1) * outputLength));
              copyAll(half.stateGradient, stateGradient);
              kernel.zero(dJoined, dJoined.length);
              half.backward(step.joined, dJoined, 1);
              copyAll(stateGradient, half.stateGradient);
              if (inputGradient) {
                for (let i = 0; i < rowLength; i++) {
                  const lane = Math.floor(i / inputSize);
                  inputGradient[t * rowLength + i]! += dJoined[lane * decoder.inputSize + (i % inputSize)]!;
                }
              }
              kernel.setColumns(dSeen, contextSize, 0, dJoined, decoder.inputSize, inputSize, lanes, contextSize);
              back.back(t, queryAt(t), topOf(stateGradient), dSeen);
            }
            back.end(queries, steps);
          },
        };
      },
    };
  }
}

function copyAll(to: NumbersByName, from: NumbersByName): void {
  for (const [name, numbers] of Object.entries(to)) numbers.set(from[name]!.subarray(0, numbers.length));
}
