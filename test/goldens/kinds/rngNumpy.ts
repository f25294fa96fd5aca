import { numpyRandom } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';

/** Draws that NumPy makes with its logarithm may differ from ours in the last bit. */
const NORMAL = { relative: 4.5e-16 };

/** Each field of a case starts from a fresh generator. */
export const rngNumpy: Check = ({ cases, choice_p_probabilities: probabilities }, compare) => {
  for (const golden of cases) {
    const { seed } = golden;
    const fresh = () => numpyRandom(seed);
    const draws = (length: number, draw: () => number): number[] => Array.from({ length }, draw);
    const many = (field: string, make: () => () => number): void =>
      compare.same(`seed ${seed} ${field}`, draws(golden[field]?.length ?? 0, make()), golden[field]);

    many('uint32', () => fresh().word);
    many('random_sample', () => bound(fresh(), 'uniform'));
    many('randint_128', () => integers(128));
    many('randint_1000', () => integers(1000));
    many('randint_2p40', () => integers(2 ** 40));
    many('choice_uniform_5', () => integers(5));
    many('choice_p', () => {
      const random = fresh();
      return () => random.choice(probabilities);
    });
    many('uniform_m1_1', () => {
      const random = fresh();
      return () => random.uniform(-1, 1);
    });
    compare.same(`seed ${seed} shuffle_list_30`, fresh().shuffle(upTo(30)), golden.shuffle_list_30);
    compare.same(`seed ${seed} shuffle_array_30`, fresh().shuffle(upTo(30)), golden.shuffle_array_30);
    compare.same(`seed ${seed} permutation_30`, fresh().permutation(30), golden.permutation_30);
    const drawn = fresh().permutation(20).slice(0, 8); // np.random.choice(20, 8, replace=False)
    compare.same(`seed ${seed} choice_no_replace_8_of_20`, drawn, golden.choice_no_replace_8_of_20);

    const normal = fresh();
    compare.close(
      `seed ${seed} randn`,
      golden.randn.map(() => normal.normal()),
      golden.randn,
      NORMAL,
    );
    const scaled = fresh();
    compare.close(
      `seed ${seed} normal_2_3`,
      golden.normal_2_3.map(() => scaled.normal(2, 3)),
      golden.normal_2_3,
      {
        relative: 1e-15,
      },
    );
    checkMixed(golden.mixed, seed);

    function integers(n: number): () => number {
      const random = fresh();
      return () => random.integer(n);
    }
  }

  /** One stream: the second value of a Gaussian pair is kept across other calls. */
  function checkMixed(golden: Record<string, number[]>, seed: number): void {
    const random = numpyRandom(seed);
    for (const [field, values] of Object.entries(golden)) {
      if (!Array.isArray(values)) continue; // the field that says the order
      const draw = field.startsWith('randn')
        ? () => random.normal()
        : field.startsWith('randint_128')
          ? () => random.integer(128)
          : () => random.uniform();
      compare.close(`seed ${seed} mixed ${field}`, values.map(draw), values, NORMAL);
    }
  }
};

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

function bound(random: ReturnType<typeof numpyRandom>, draw: 'uniform'): () => number {
  return () => random[draw]();
}
