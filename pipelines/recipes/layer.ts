// A layer of your own: each feature times a gain that is learned, y = g ⊙ x, between two layers of the library.
import { last, lastValueFrom, of, repeat } from 'rxjs';
import { adam, type Layer, linear, sequential, squaredError, train, type Window } from 'rxrnn';

const gain = ({ size }: { readonly size: number }): Layer => ({
  kind: 'gain',
  inputSize: size,
  outputSize: size,
  takes: 'features',
  parameters: [{ name: 'gain', shape: [size], initialise: (numbers) => void numbers.fill(1) }],
  state: {},
  options: { size },
  tape({ weights, steps, lanes, allocate }) {
    const output = allocate(steps * lanes * size);
    const gains = weights['gain']!;
    return {
      output,
      state: {},
      forward(x, steps) {
        for (let i = 0; i < steps * lanes * size; i++) output[i] = gains[i % size]! * x[i]!;
      },
      differentiate: ({ gradients, outputGradient }) => ({
        stateGradient: {},
        backward(x, inputGradient, steps) {
          for (let i = 0; i < steps * lanes * size; i++) {
            gradients['gain']![i % size]! += outputGradient[i]! * x[i]!;
            if (inputGradient) inputGradient[i]! += outputGradient[i]! * gains[i % size]!;
          }
        },
      }),
    };
  },
});

const readout = linear({ inputSize: 2, outputSize: 1 });
const model = sequential({ mix: linear({ inputSize: 2, outputSize: 2 }), gain: gain({ size: 2 }), readout });
const window: Window = { steps: 1, lanes: 1, inputs: Float32Array.of(1, -2), targets: Float32Array.of(4) };
const learn = train(model, { optimizer: adam({ learningRate: 0.02 }), loss: squaredError() });
const { loss } = await lastValueFrom(of(window).pipe(repeat(300), learn, last()));
console.log([...model.weights.tensors.keys()].join(' ')); // -> mix.weight mix.bias gain.gain readout.weight readout.bias
console.log(loss < 1e-4); // -> true
