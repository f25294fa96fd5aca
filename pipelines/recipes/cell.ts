// A cell of your own: minGRU as one would write it outside the library, which has it as `minGru`:
// h[t] = (1 − z) h[t−1] + z n, whose z and n see the input only, so that it has no product of the state.
// Feng et al., Were RNNs All We Needed?, 2024. Stacks, directions, dropout and padding come with it.
import { lastValueFrom } from 'rxjs';
import { adam, type CellKind, linear, pull, recurrent, type RecurrentOptions, sequential, train, windows } from 'rxrnn';

const minGruKind: CellKind = {
  count: 2,
  carried: ['h'],
  recurrentProduct: false,
  bind({ steps, lanes, hiddenSize: size, carried, allocate }) {
    const { before, after } = carried['h']!;
    const sums = allocate(steps * lanes * 2 * size); // for each lane: size sums of z, then size sums of n
    const at = (t: number, i: number) => 2 * size * (t * lanes + Math.floor(i / size)) + (i % size);
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    return {
      sums,
      hiddenSums: sums,
      step(t) {
        for (let i = 0; i < lanes * size; i++) {
          const z = sigmoid(sums[at(t, i)]!);
          after[t]![i] = (1 - z) * before[t]![i]! + z * sums[at(t, i) + size]!;
        }
      },
      differentiate({ hiddenGradient }) {
        const sumsGradient = allocate(sums.length);
        return {
          sumsGradient,
          hiddenSumsGradient: sumsGradient,
          stepBack(t, dBefore) {
            for (let i = 0; i < lanes * size; i++) {
              const [z, n, dh] = [
                sigmoid(sums[at(t, i)]!),
                sums[at(t, i) + size]!,
                hiddenGradient[t * lanes * size + i]!,
              ];
              sumsGradient[at(t, i)] = dh * (n - before[t]![i]!) * z * (1 - z);
              sumsGradient[at(t, i) + size] = dh * z;
              dBefore[i]! += dh * (1 - z);
            }
          },
        };
      },
    };
  },
};
const ownGru = (options: RecurrentOptions) => recurrent('ownGru', minGruKind, options);

const readout = linear({ inputSize: 8, outputSize: 3 });
const model = sequential({ rnn: ownGru({ inputSize: 3, hiddenSize: 8, numLayers: 2 }), readout });
const tokens = Array.from({ length: 2001 }, (_, i) => [0, 0, 1, 2][i % 4]!); // after a 0, only memory tells what comes
const learn = train(model, { optimizer: adam({ learningRate: 0.03 }) });
const { loss } = await lastValueFrom(pull(tokens).pipe(windows({ steps: 20 }), learn));
console.log([...model.weights.tensors.keys()].slice(0, 4).join(' '));
// -> rnn.weight_ih_l0 rnn.bias_ih_l0 rnn.weight_ih_l1 rnn.bias_ih_l1
console.log(loss < 0.01); // -> true
