// The interface of the WebAssembly module, in one place. The build makes from this table the typed calls (calls.ts), the
// program that replays captured passes (assembly/play.mjs), and the shares of threads. The build fails by name where a
// function in assembly/ disagrees with it.

/**
 * The kind of a parameter.
 *
 * `numbers`, `tokens`, `doubles`: the address of an array; `optional`: of an array of numbers, or 0 for none; `bytes`: an
 * address or a distance that the caller computes; `count`: an integer; `real`: a number of the module's dtype; `flag`: 0
 * or 1.
 */
export type Kind = 'numbers' | 'optional' | 'tokens' | 'doubles' | 'bytes' | 'count' | 'real' | 'flag';

/** A way to split a call among threads. Every part writes rows or columns of its own, so that bits stay the same. */
export interface Share<Parameter extends string = string> {
  /** The count that is shared out. */
  readonly over: Parameter;
  /** Parts are whole multiples of it. */
  readonly unit: number;
  /** Parts per thread: several, so that a slow one takes fewer. */
  readonly parts: number;
  /** By how many elements each parameter advances per unit of the count: a number, a count, or a multiple of one. */
  readonly strides: { readonly [P in Parameter]?: number | Parameter | readonly [number, Parameter] };
}

/** A function of the module. */
export interface Definition<Parameter extends string = string> {
  /** In the order of the module's own. */
  readonly parameters: { readonly [P in Parameter]: Kind };
  /** Nothing where it is absent. */
  readonly result?: 'f64' | 'usize';
  /** The kernel has a function of this name with the same parameters, which does nothing but call it. */
  readonly direct?: true;
  /** Its calls may be captured and replayed: addresses and counts only, no result; see callCapture.ts. */
  readonly replayed?: true;
  /** About how many multiplications a call takes: a factor and the counts it is multiplied by. */
  readonly work?: readonly [number, ...Parameter[]];
  /** Absent where calls are not shared among threads. */
  readonly shares?: readonly Share<Parameter>[];
}

/** The functions of the module by name. */
export const table = {
  // rows.ts
  zero: {
    parameters: { y: 'numbers', length: 'count' },
    direct: true,
    replayed: true,
    work: [1, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { y: 1 } }],
  },
  copy: {
    parameters: { y: 'numbers', x: 'numbers', length: 'count' },
    direct: true,
    replayed: true,
    work: [1, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { y: 1, x: 1 } }],
  },
  accumulate: {
    parameters: { y: 'numbers', x: 'numbers', length: 'count' },
    direct: true,
    replayed: true,
    work: [1, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { y: 1, x: 1 } }],
  },
  setRows: {
    parameters: { y: 'numbers', bias: 'numbers', rows: 'count', width: 'count' },
    replayed: true,
    work: [1, 'rows', 'width'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { y: 'width' } }],
  },
  addRows: {
    parameters: { y: 'numbers', bias: 'numbers', rows: 'count', width: 'count' },
    direct: true,
    replayed: true,
    work: [1, 'rows', 'width'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { y: 'width' } }],
  },
  sumRows: {
    parameters: { sum: 'numbers', y: 'numbers', rows: 'count', columns: 'count', yWidth: 'count' },
    replayed: true,
    work: [2, 'rows', 'columns'],
    shares: [{ over: 'columns', unit: 16, parts: 1, strides: { sum: 1, y: 1 } }],
  },
  multiplyElementwise: {
    parameters: { y: 'numbers', x: 'numbers', factors: 'numbers', length: 'count' },
    direct: true,
    replayed: true,
    work: [1, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { y: 1, x: 1, factors: 1 } }],
  },
  setColumns: {
    parameters: {
      y: 'numbers',
      yWidth: 'count',
      yColumn: 'count',
      x: 'numbers',
      xWidth: 'count',
      xColumn: 'count',
      rows: 'count',
      columns: 'count',
    },
    direct: true,
    replayed: true,
  },
  scale: {
    parameters: { x: 'numbers', factor: 'real', length: 'count' },
    direct: true,
    work: [1, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { x: 1 } }],
  },
  clamp: {
    parameters: { x: 'numbers', limit: 'real', length: 'count' },
    direct: true,
    work: [1, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { x: 1 } }],
  },
  sumOfSquares: { parameters: { x: 'numbers', length: 'count' }, result: 'f64' },

  // rows.ts and formulas.mjs: activations
  activateTanh: {
    parameters: { y: 'numbers', length: 'count' },
    replayed: true,
    work: [10, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { y: 1 } }],
  },
  activateSigmoid: {
    parameters: { y: 'numbers', length: 'count' },
    replayed: true,
    work: [10, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { y: 1 } }],
  },
  activateRelu: {
    parameters: { y: 'numbers', length: 'count' },
    replayed: true,
    work: [1, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { y: 1 } }],
  },
  backTanh: {
    parameters: { dy: 'numbers', y: 'numbers', length: 'count' },
    replayed: true,
    work: [2, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { dy: 1, y: 1 } }],
  },
  backSigmoid: {
    parameters: { dy: 'numbers', y: 'numbers', length: 'count' },
    replayed: true,
    work: [2, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { dy: 1, y: 1 } }],
  },
  backRelu: {
    parameters: { dy: 'numbers', y: 'numbers', length: 'count' },
    replayed: true,
    work: [2, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { dy: 1, y: 1 } }],
  },
  setSoftplus: {
    parameters: { y: 'numbers', x: 'numbers', length: 'count' },
    direct: true,
    replayed: true,
    work: [20, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { y: 1, x: 1 } }],
  },

  // formulas.mjs: cells
  lstmCell: {
    parameters: {
      h: 'numbers',
      c: 'numbers',
      tanhC: 'numbers',
      gates: 'numbers',
      cBefore: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [40, 'rows', 'hidden'],
    shares: [
      {
        over: 'rows',
        unit: 1,
        parts: 4,
        strides: { h: 'hidden', c: 'hidden', tanhC: 'hidden', gates: [4, 'hidden'], cBefore: 'hidden' },
      },
    ],
  },
  lstmCellBack: {
    parameters: {
      dGates: 'numbers',
      dc: 'numbers',
      dh: 'numbers',
      gates: 'numbers',
      cBefore: 'numbers',
      tanhC: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [20, 'rows', 'hidden'],
    shares: [
      {
        over: 'rows',
        unit: 1,
        parts: 4,
        strides: {
          dGates: [4, 'hidden'],
          dc: 'hidden',
          dh: 'hidden',
          gates: [4, 'hidden'],
          cBefore: 'hidden',
          tanhC: 'hidden',
        },
      },
    ],
  },
  gruCell: {
    parameters: {
      h: 'numbers',
      gates: 'numbers',
      hiddenGates: 'numbers',
      hBefore: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [30, 'rows', 'hidden'],
    shares: [
      {
        over: 'rows',
        unit: 1,
        parts: 4,
        strides: { h: 'hidden', gates: [3, 'hidden'], hiddenGates: [3, 'hidden'], hBefore: 'hidden' },
      },
    ],
  },
  gruCellBack: {
    parameters: {
      dGates: 'numbers',
      dHiddenGates: 'numbers',
      dBefore: 'numbers',
      dh: 'numbers',
      gates: 'numbers',
      hiddenGates: 'numbers',
      hBefore: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [20, 'rows', 'hidden'],
    shares: [
      {
        over: 'rows',
        unit: 1,
        parts: 4,
        strides: {
          dGates: [3, 'hidden'],
          dHiddenGates: [3, 'hidden'],
          dBefore: 'hidden',
          dh: 'hidden',
          gates: [3, 'hidden'],
          hiddenGates: [3, 'hidden'],
          hBefore: 'hidden',
        },
      },
    ],
  },

  slstmCell: {
    parameters: {
      h: 'numbers',
      c: 'numbers',
      n: 'numbers',
      m: 'numbers',
      kept: 'numbers',
      gates: 'numbers',
      cBefore: 'numbers',
      nBefore: 'numbers',
      mBefore: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [60, 'rows', 'hidden'],
    shares: [
      {
        over: 'rows',
        unit: 1,
        parts: 4,
        strides: {
          h: 'hidden',
          c: 'hidden',
          n: 'hidden',
          m: 'hidden',
          kept: [4, 'hidden'],
          gates: [4, 'hidden'],
          cBefore: 'hidden',
          nBefore: 'hidden',
          mBefore: 'hidden',
        },
      },
    ],
  },
  slstmCellBack: {
    parameters: {
      dGates: 'numbers',
      dc: 'numbers',
      dn: 'numbers',
      dm: 'numbers',
      dh: 'numbers',
      kept: 'numbers',
      gates: 'numbers',
      cBefore: 'numbers',
      nBefore: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [30, 'rows', 'hidden'],
    shares: [
      {
        over: 'rows',
        unit: 1,
        parts: 4,
        strides: {
          dGates: [4, 'hidden'],
          dc: 'hidden',
          dn: 'hidden',
          dm: 'hidden',
          dh: 'hidden',
          kept: [4, 'hidden'],
          gates: [4, 'hidden'],
          cBefore: 'hidden',
          nBefore: 'hidden',
        },
      },
    ],
  },

  // linear recurrences
  rgLruGates: {
    parameters: {
      decay: 'numbers',
      rest: 'numbers',
      gates: 'numbers',
      rates: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [20, 'rows', 'hidden'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { decay: 'hidden', rest: 'hidden', gates: 'hidden' } }],
  },
  rgLruGatesBack: {
    parameters: {
      dGates: 'numbers',
      dDecay: 'numbers',
      gates: 'numbers',
      rates: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [6, 'rows', 'hidden'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { dGates: 'hidden', dDecay: 'hidden', gates: 'hidden' } }],
  },
  rgLruCell: {
    parameters: {
      h: 'numbers',
      started: 'numbers',
      rest: 'numbers',
      decay: 'numbers',
      gate: 'numbers',
      input: 'numbers',
      hBefore: 'numbers',
      startedBefore: 'numbers',
      length: 'count',
    },
    direct: true,
    replayed: true,
    work: [12, 'length'],
    shares: [
      {
        over: 'length',
        unit: 16,
        parts: 4,
        strides: { h: 1, started: 1, rest: 1, decay: 1, gate: 1, input: 1, hBefore: 1, startedBefore: 1 },
      },
    ],
  },
  rgLruCellBack: {
    parameters: {
      dInput: 'numbers',
      dGate: 'numbers',
      dDecay: 'numbers',
      dBefore: 'numbers',
      dStarted: 'numbers',
      dh: 'numbers',
      rest: 'numbers',
      decay: 'numbers',
      gate: 'numbers',
      input: 'numbers',
      hBefore: 'numbers',
      startedBefore: 'numbers',
      length: 'count',
    },
    direct: true,
    replayed: true,
    work: [24, 'length'],
    shares: [
      {
        over: 'length',
        unit: 16,
        parts: 4,
        strides: {
          dInput: 1,
          dGate: 1,
          dDecay: 1,
          dBefore: 1,
          dStarted: 1,
          dh: 1,
          rest: 1,
          decay: 1,
          gate: 1,
          input: 1,
          hBefore: 1,
          startedBefore: 1,
        },
      },
    ],
  },
  scan: {
    parameters: { h: 'numbers', keep: 'numbers', fresh: 'numbers', before: 'numbers', length: 'count' },
    direct: true,
    replayed: true,
    work: [2, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { h: 1, keep: 1, fresh: 1, before: 1 } }],
  },
  scanBack: {
    parameters: {
      dKeep: 'numbers',
      dBefore: 'numbers',
      dh: 'numbers',
      keep: 'numbers',
      before: 'numbers',
      length: 'count',
    },
    direct: true,
    replayed: true,
    work: [3, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { dKeep: 1, dBefore: 1, dh: 1, keep: 1, before: 1 } }],
  },
  minGruGates: {
    parameters: { keep: 'numbers', fresh: 'numbers', sums: 'numbers', rows: 'count', hidden: 'count' },
    direct: true,
    replayed: true,
    work: [12, 'rows', 'hidden'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { keep: 'hidden', fresh: 'hidden', sums: [2, 'hidden'] } }],
  },
  minGruGatesBack: {
    parameters: {
      dSums: 'numbers',
      dKeep: 'numbers',
      dFresh: 'numbers',
      sums: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [6, 'rows', 'hidden'],
    shares: [
      {
        over: 'rows',
        unit: 1,
        parts: 4,
        strides: { dSums: [2, 'hidden'], dKeep: 'hidden', dFresh: 'hidden', sums: [2, 'hidden'] },
      },
    ],
  },
  minLstmGates: {
    parameters: { keep: 'numbers', fresh: 'numbers', sums: 'numbers', rows: 'count', hidden: 'count' },
    direct: true,
    replayed: true,
    work: [24, 'rows', 'hidden'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { keep: 'hidden', fresh: 'hidden', sums: [3, 'hidden'] } }],
  },
  minLstmGatesBack: {
    parameters: {
      dSums: 'numbers',
      dKeep: 'numbers',
      dFresh: 'numbers',
      keep: 'numbers',
      sums: 'numbers',
      rows: 'count',
      hidden: 'count',
    },
    direct: true,
    replayed: true,
    work: [8, 'rows', 'hidden'],
    shares: [
      {
        over: 'rows',
        unit: 1,
        parts: 4,
        strides: { dSums: [3, 'hidden'], dKeep: 'hidden', dFresh: 'hidden', keep: 'hidden', sums: [3, 'hidden'] },
      },
    ],
  },
  positive: {
    parameters: { y: 'numbers', rows: 'count', columns: 'count', yWidth: 'count' },
    direct: true,
    replayed: true,
    work: [10, 'rows', 'columns'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { y: 'yWidth' } }],
  },
  positiveBack: {
    parameters: { dy: 'numbers', y: 'numbers', rows: 'count', columns: 'count', yWidth: 'count' },
    direct: true,
    replayed: true,
    work: [3, 'rows', 'columns'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { dy: 'yWidth', y: 'yWidth' } }],
  },

  // losses.ts
  softmax: {
    parameters: { y: 'numbers', rows: 'count', width: 'count' },
    direct: true,
    replayed: true,
    work: [10, 'rows', 'width'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { y: 'width' } }],
  },
  softmaxRow: { parameters: { p: 'numbers', x: 'numbers', parts: 'doubles', width: 'count' } },
  crossEntropy: {
    parameters: { losses: 'numbers', dx: 'numbers', x: 'numbers', targets: 'tokens', rows: 'count', width: 'count' },
    work: [10, 'rows', 'width'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { losses: 1, dx: 'width', x: 'width', targets: 1 } }],
  },
  squaredError: {
    parameters: { losses: 'numbers', dx: 'numbers', x: 'numbers', targets: 'numbers', length: 'count' },
    result: 'f64',
  },

  // panels.ts
  pack: {
    parameters: { panels: 'numbers', w: 'numbers', inputs: 'count', outputs: 'count', first: 'count', count: 'count' },
    work: [4, 'inputs', 'outputs'],
    shares: [{ over: 'count', unit: 1, parts: 1, strides: { first: 1 } }],
  },
  packRows: {
    parameters: {
      panels: 'numbers',
      x: 'numbers',
      rows: 'count',
      width: 'count',
      stride: 'bytes',
      first: 'count',
      some: 'count',
    },
    work: [4, 'rows', 'width'],
    shares: [{ over: 'some', unit: 1, parts: 1, strides: { first: 1 } }],
  },

  // halves.ts
  packHalves: { parameters: { panels: 'numbers', w: 'numbers', inputs: 'count', outputs: 'count' } },
  multiplyHalves: {
    parameters: { y: 'numbers', x: 'numbers', panels: 'numbers', inputs: 'count', outputs: 'count' },
    replayed: true,
    work: [1, 'inputs', 'outputs'],
    shares: [{ over: 'outputs', unit: 8, parts: 4, strides: { y: 1, panels: [0.5, 'inputs'] } }],
  },

  // products.ts
  multiply: {
    parameters: {
      y: 'numbers',
      x: 'numbers',
      panels: 'numbers',
      rows: 'count',
      inputs: 'count',
      outputs: 'count',
      yWidth: 'count',
    },
    replayed: true,
    work: [1, 'rows', 'inputs', 'outputs'],
    shares: [
      { over: 'outputs', unit: 8, parts: 4, strides: { y: 1, panels: 'inputs' } },
      { over: 'rows', unit: 4, parts: 4, strides: { y: 'yWidth', x: 'inputs' } },
    ],
  },
  multiplyTokens: {
    parameters: {
      y: 'numbers',
      tokens: 'tokens',
      panels: 'numbers',
      rows: 'count',
      inputs: 'count',
      outputs: 'count',
    },
    replayed: true,
    work: [1, 'rows', 'outputs'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { y: 'outputs', tokens: 1 } }],
  },
  multiplyBack1: {
    parameters: { dx: 'numbers', dy: 'numbers', w: 'numbers', inputs: 'count', outputs: 'count' },
    replayed: true,
  },
  outer: {
    parameters: {
      dw: 'numbers',
      dy: 'numbers',
      x: 'numbers',
      rows: 'count',
      inputs: 'count',
      outputs: 'count',
      dyWidth: 'count',
    },
    replayed: true,
    work: [1, 'rows', 'inputs', 'outputs'],
    shares: [{ over: 'outputs', unit: 4, parts: 2, strides: { dw: 'inputs', dy: 1 } }], // each part packs all of x
  },
  outerTokens: {
    parameters: {
      dw: 'numbers',
      dy: 'numbers',
      tokens: 'tokens',
      rows: 'count',
      inputs: 'count',
      outputs: 'count',
      dyWidth: 'count',
    },
    replayed: true,
    work: [4, 'rows', 'outputs'],
    shares: [{ over: 'outputs', unit: 16, parts: 1, strides: { dw: 'inputs', dy: 1 } }],
  },
  gather: {
    parameters: { y: 'numbers', tokens: 'tokens', w: 'numbers', rows: 'count', width: 'count' },
    replayed: true,
    work: [1, 'rows', 'width'],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: { y: 'width', tokens: 1 } }],
  },
  scatter: {
    parameters: {
      dw: 'numbers',
      dwWidth: 'count',
      dy: 'numbers',
      dyWidth: 'count',
      tokens: 'tokens',
      rows: 'count',
      columns: 'count',
    },
    replayed: true,
    work: [4, 'rows', 'columns'],
    shares: [{ over: 'columns', unit: 16, parts: 1, strides: { dw: 1, dy: 1 } }],
  },
  scratchBytes: { parameters: { inputs: 'count', outputs: 'count' }, result: 'usize' },

  // formulas.mjs: updates
  sgd: {
    parameters: {
      weights: 'numbers',
      gradients: 'numbers',
      velocity: 'optional',
      length: 'count',
      learningRate: 'real',
      momentum: 'real',
      undamped: 'real',
      nesterov: 'flag',
      weightDecay: 'real',
      first: 'flag',
      least: 'real',
    },
    work: [2, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { weights: 1, gradients: 1, velocity: 1 } }],
  },
  adagrad: {
    parameters: {
      weights: 'numbers',
      gradients: 'numbers',
      squares: 'numbers',
      length: 'count',
      learningRate: 'real',
      weightDecay: 'real',
      epsilon: 'real',
    },
    work: [4, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: { weights: 1, gradients: 1, squares: 1 } }],
  },
  rmsprop: {
    parameters: {
      weights: 'numbers',
      gradients: 'numbers',
      squares: 'numbers',
      mean: 'optional',
      velocity: 'optional',
      length: 'count',
      learningRate: 'real',
      alpha: 'real',
      rest: 'real',
      epsilon: 'real',
      weightDecay: 'real',
      momentum: 'real',
      least: 'real',
      leastSquare: 'real',
    },
    work: [6, 'length'],
    shares: [
      {
        over: 'length',
        unit: 16,
        parts: 4,
        strides: { weights: 1, gradients: 1, squares: 1, mean: 1, velocity: 1 },
      },
    ],
  },
  adam: {
    parameters: {
      weights: 'numbers',
      gradients: 'numbers',
      mean: 'numbers',
      squares: 'numbers',
      largest: 'optional',
      length: 'count',
      beta1: 'real',
      rest1: 'real',
      beta2: 'real',
      rest2: 'real',
      epsilon: 'real',
      weightDecay: 'real',
      kept: 'real',
      stride: 'real',
      root2: 'real',
      least: 'real',
      leastSquare: 'real',
    },
    work: [6, 'length'],
    shares: [
      {
        over: 'length',
        unit: 16,
        parts: 4,
        strides: { weights: 1, gradients: 1, mean: 1, squares: 1, largest: 1 },
      },
    ],
  },

  // memory.ts and the generated play.ts
  useScratch: { parameters: { at: 'bytes' } },
  play: { parameters: { at: 'bytes', end: 'bytes' } },
} as const;

/** The functions' names. */
export type Name = keyof typeof table;

type Checked = { readonly [N in Name]: Definition<Extract<keyof (typeof table)[N]['parameters'], string>> };

/** The table, each definition checked: every name in it is a parameter of the same function. */
export const definitions: Checked = table;
