import { flag } from '../check/flag.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import type { Layer, Parameter } from './layer.js';
import type { AttentionScore } from './score.js';
import { uniform } from './uniform.js';

/** How queries are compared with keys, and how many numbers each has. */
export interface AttentionOptions {
  /** The comparison; no default. */
  readonly score: AttentionScore;
  /** Numbers per query: the decoder's hidden state. */
  readonly querySize: number;
  /** Numbers per key: the encoder's output. */
  readonly keySize: number;
  /** Hidden units of the scores `additive` and `concat`, which need it; the others have none. */
  readonly attentionSize?: number | undefined;
  /** Whether an `additive` score has its three bias vectors; `true` by default. The other scores have none. */
  readonly bias?: boolean | undefined;
}

/**
 * What a decoder looks at of a source, for `seq2seq`: `weights = softmax over the steps of the source of score(q, k)`,
 * `context = Σ weights · k`. Keys k are the encoder's outputs, which are the values, too; the query q is the decoder's state.
 * Steps that the source's mask passes over have weight 0.
 *
 * | score | `score(q, k)` | parameters |
 * | --- | --- | --- |
 * | `additive` | `Va tanh(Wa q + ba + Ua k + bu) + bv` | `Wa.weight` (attention, query), `Ua.weight` (attention, key), `Va.weight` (1, attention), `Wa.bias`, `Ua.bias`, `Va.bias` |
 * | `concat` | `Va tanh(Wa [q; k])` | `Wa.weight` (attention, query + key), `Va.weight` (1, attention) |
 * | `dot` | `q · k` | |
 * | `scaledDot` | `q · k / √key` | |
 * | `general` | `qᵀ Wa k` | `Wa.weight` (query, key) |
 *
 * Parameters are uniform at first, as of torch's linear layers. It gives a context of `keySize` numbers per step. Additive:
 * Bahdanau, Cho and Bengio, 2015; concat, dot and general: Luong, Pham and Manning, 2015; scaled: Vaswani et al., 2017.
 *
 * A RangeError for sizes that are not positive integers or do not fit the score; an Error where it runs without an encoder.
 */
export function attention(options: AttentionOptions): Layer {
  options = checkOptions('attention', options, {
    score: oneOf('additive', 'concat', 'dot', 'scaledDot', 'general'),
    querySize: positiveInteger,
    keySize: positiveInteger,
    attentionSize: optional(positiveInteger),
    bias: optional(flag),
  });
  const { score, querySize, keySize, attentionSize, bias = true } = options;
  const hidden = score === 'additive' || score === 'concat';
  if (hidden && attentionSize === undefined) {
    refuse('attention', 'attentionSize', `a number of hidden units for the score ${score}`, attentionSize, 'none');
  }
  if (!hidden && attentionSize !== undefined) {
    throw new RangeError(`attention: the score ${score} has no hidden units: leave attentionSize out`);
  }
  if (score !== 'additive' && options.bias !== undefined) {
    throw new RangeError(`attention: the score ${score} has no bias vectors: leave bias out`);
  }
  if ((score === 'dot' || score === 'scaledDot') && querySize !== keySize) {
    throw new RangeError(
      `attention: the score ${score} needs queries as wide as keys, got ${querySize} and ${keySize}; general does not`,
    );
  }
  return {
    kind: 'attention',
    inputSize: querySize,
    outputSize: keySize,
    takes: 'features',
    parameters: parametersOf(options, bias),
    state: {},
    options: {
      score,
      querySize,
      keySize,
      ...(hidden && { attentionSize: attentionSize! }),
      ...(score === 'additive' && { bias }),
    },
    tape() {
      throw new Error('attention: has no source to look at here; give it to seq2seq, as { attention }');
    },
  };
}

function parametersOf({ score, querySize, keySize, attentionSize = 0 }: AttentionOptions, bias: boolean): Parameter[] {
  if (score === 'general') return [uniform('Wa.weight', [querySize, keySize], keySize)];
  const va = uniform('Va.weight', [1, attentionSize], attentionSize);
  if (score === 'concat') {
    return [uniform('Wa.weight', [attentionSize, querySize + keySize], querySize + keySize), va];
  }
  if (score !== 'additive') return [];
  const weights = [
    uniform('Wa.weight', [attentionSize, querySize], querySize),
    uniform('Ua.weight', [attentionSize, keySize], keySize),
    va,
  ];
  if (!bias) return weights;
  return [
    ...weights,
    uniform('Wa.bias', [attentionSize], querySize),
    uniform('Ua.bias', [attentionSize], keySize),
    uniform('Va.bias', [1], attentionSize),
  ];
}
