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

/**
 * A function that works number by number on arrays of `length` numbers. Its parameters are the arrays, `length` and the
 * settings; without settings its calls are replayed.
 */
interface OfNumbers {
  readonly numbers: readonly string[];
  /** Arrays that may be absent. */
  readonly optional?: readonly string[];
  readonly settings?: Readonly<Record<string, Kind>>;
  /** Multiplications per number. */
  readonly work: number;
  readonly direct?: true;
}

/**
 * A function that works row by row on arrays of `rows` rows. Its parameters are the arrays, `rows` and the count that `width`
 * names; its calls are replayed.
 */
interface OfRows {
  /** The arrays, and the numbers of a row of each in units of the width: 4 for four gates; 0 where all rows share one. */
  readonly rows: Readonly<Record<string, number>>;
  /** The name of the width. */
  readonly width: string;
  /** Multiplications per number of a row of the width. */
  readonly work: number;
  readonly direct?: true;
}

/**
 * The functions of the module by name, in the order of their numbers in captured calls. Most are of the two short forms; the
 * others are written out.
 */
const table = {
  // rows.ts
  zero: { numbers: ['y'], work: 1, direct: true },
  copy: { numbers: ['y', 'x'], work: 1, direct: true },
  accumulate: { numbers: ['y', 'x'], work: 1, direct: true },
  setRows: { rows: { y: 1, bias: 0 }, width: 'width', work: 1 },
  addRows: { rows: { y: 1, bias: 0 }, width: 'width', work: 1, direct: true },
  sumRows: {
    parameters: { sum: 'numbers', y: 'numbers', rows: 'count', columns: 'count', yWidth: 'count' },
    replayed: true,
    work: [2, 'rows', 'columns'],
    shares: [{ over: 'columns', unit: 16, parts: 1, strides: { sum: 1, y: 1 } }],
  },
  multiplyElementwise: { numbers: ['y', 'x', 'factors'], work: 1, direct: true },
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
  activateTanh: { numbers: ['y'], work: 10 },
  activateSigmoid: { numbers: ['y'], work: 10 },
  activateRelu: { numbers: ['y'], work: 1 },
  backTanh: { numbers: ['dy', 'y'], work: 2 },
  backSigmoid: { numbers: ['dy', 'y'], work: 2 },
  backRelu: { numbers: ['dy', 'y'], work: 2 },
  setSoftplus: { numbers: ['y', 'x'], work: 20, direct: true },

  // formulas.mjs: cells
  lstmCell: { rows: { h: 1, c: 1, tanhC: 1, gates: 4, cBefore: 1 }, width: 'hidden', work: 40, direct: true },
  lstmCellBack: {
    rows: { dGates: 4, dc: 1, dh: 1, gates: 4, cBefore: 1, tanhC: 1 },
    width: 'hidden',
    work: 20,
    direct: true,
  },
  gruCell: { rows: { h: 1, gates: 3, hiddenGates: 3, hBefore: 1 }, width: 'hidden', work: 30, direct: true },
  gruCellBack: {
    rows: { dGates: 3, dHiddenGates: 3, dBefore: 1, dh: 1, gates: 3, hiddenGates: 3, hBefore: 1 },
    width: 'hidden',
    work: 20,
    direct: true,
  },

  slstmCell: {
    rows: { h: 1, c: 1, n: 1, m: 1, kept: 4, gates: 4, cBefore: 1, nBefore: 1, mBefore: 1 },
    width: 'hidden',
    work: 60,
    direct: true,
  },
  slstmCellBack: {
    rows: { dGates: 4, dc: 1, dn: 1, dm: 1, dh: 1, kept: 4, gates: 4, cBefore: 1, nBefore: 1 },
    width: 'hidden',
    work: 30,
    direct: true,
  },

  // linear recurrences
  rgLruGates: { rows: { decay: 1, rest: 1, gates: 1, rates: 0 }, width: 'hidden', work: 20, direct: true },
  rgLruGatesBack: { rows: { dGates: 1, dDecay: 1, gates: 1, rates: 0 }, width: 'hidden', work: 6, direct: true },
  rgLruCell: {
    numbers: ['h', 'started', 'rest', 'decay', 'gate', 'input', 'hBefore', 'startedBefore'],
    work: 12,
    direct: true,
  },
  rgLruCellBack: {
    numbers: [
      'dInput',
      'dGate',
      'dDecay',
      'dBefore',
      'dStarted',
      'dh',
      'rest',
      'decay',
      'gate',
      'input',
      'hBefore',
      'startedBefore',
    ],
    work: 24,
    direct: true,
  },
  scan: { numbers: ['h', 'keep', 'fresh', 'before'], work: 2, direct: true },
  scanBack: { numbers: ['dKeep', 'dBefore', 'dh', 'keep', 'before'], work: 3, direct: true },
  minGruGates: { rows: { keep: 1, fresh: 1, sums: 2 }, width: 'hidden', work: 12, direct: true },
  minGruGatesBack: { rows: { dSums: 2, dKeep: 1, dFresh: 1, sums: 2 }, width: 'hidden', work: 6, direct: true },
  minLstmGates: { rows: { keep: 1, fresh: 1, sums: 3 }, width: 'hidden', work: 24, direct: true },
  minLstmGatesBack: {
    rows: { dSums: 3, dKeep: 1, dFresh: 1, keep: 1, sums: 3 },
    width: 'hidden',
    work: 8,
    direct: true,
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
  softmax: { rows: { y: 1 }, width: 'width', work: 10, direct: true },
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
    numbers: ['weights', 'gradients'],
    optional: ['velocity'],
    settings: {
      learningRate: 'real',
      momentum: 'real',
      undamped: 'real',
      nesterov: 'flag',
      weightDecay: 'real',
      first: 'flag',
      least: 'real',
    },
    work: 2,
  },
  adagrad: {
    numbers: ['weights', 'gradients', 'squares'],
    settings: { learningRate: 'real', weightDecay: 'real', epsilon: 'real' },
    work: 4,
  },
  rmsprop: {
    numbers: ['weights', 'gradients', 'squares'],
    optional: ['mean', 'velocity'],
    settings: {
      learningRate: 'real',
      alpha: 'real',
      rest: 'real',
      epsilon: 'real',
      weightDecay: 'real',
      momentum: 'real',
      least: 'real',
      leastSquare: 'real',
    },
    work: 6,
  },
  adam: {
    numbers: ['weights', 'gradients', 'mean', 'squares'],
    optional: ['largest'],
    settings: {
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
    work: 6,
  },

  // memory.ts and the generated play.ts
  useScratch: { parameters: { at: 'bytes' } },
  play: { parameters: { at: 'bytes', end: 'bytes' } },
} as const;

/** The functions' names. */
export type Name = keyof typeof table;

/** The table, each row checked: every name in a definition is a parameter of the same function. */
const checked: {
  readonly [N in Name]: (typeof table)[N] extends { readonly parameters: infer P }
    ? Definition<Extract<keyof P, string>>
    : OfNumbers | OfRows;
} = table;

/** The definitions of the functions. */
export const definitions: Readonly<Record<Name, Definition>> = Object.fromEntries(
  Object.entries<Definition | OfNumbers | OfRows>(checked).map(([name, row]) => [name, definitionOf(row)]),
) as Record<Name, Definition>;

function definitionOf(row: Definition | OfNumbers | OfRows): Definition {
  if ('numbers' in row) return ofNumbers(row);
  return 'rows' in row ? ofRows(row) : row;
}

function ofNumbers({ numbers, optional = [], settings, work, direct }: OfNumbers): Definition {
  const arrays = [...numbers, ...optional];
  return {
    parameters: { ...each(numbers, 'numbers'), ...each(optional, 'optional'), length: 'count', ...settings },
    ...(direct && { direct }),
    ...(!settings && { replayed: true }),
    work: [work, 'length'],
    shares: [{ over: 'length', unit: 16, parts: 4, strides: each(arrays, 1) }],
  };
}

function ofRows({ rows, width, work, direct }: OfRows): Definition {
  const own = Object.entries(rows).filter(([, times]) => times > 0);
  const strides = own.map(([name, times]) => [name, times === 1 ? width : ([times, width] as const)] as const);
  return {
    parameters: { ...each(Object.keys(rows), 'numbers'), rows: 'count', [width]: 'count' },
    ...(direct && { direct }),
    replayed: true,
    work: [work, 'rows', width],
    shares: [{ over: 'rows', unit: 1, parts: 4, strides: Object.fromEntries(strides) }],
  };
}

function each<T>(names: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value]));
}
