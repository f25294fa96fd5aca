// The functions that work number by number, as formulas; elementwise.mjs makes loops of them. The parameters are those of
// ../interface.ts. A line is `name = value`, or `array <- value` for what is stored; the name of an array stands for the
// numbers that it holds before. The order of operations is the bits: it is that of kernel/plain. A formula may call `add`,
// `sub`, `mul`, `splat`, `exp`, `oneMinusExp`, `tanh`, `sigmoid`, `softplus` and AssemblyScript's own, such as
// `v128.div<Real>` and `v128.sqrt<Real>`. The other keys of a formula are explained in elementwise.mjs. After a change of
// this file or of the table: `npm run build:kernel`.

/** Beyond so many numbers the engine's own fill and copy, which are calls out of the module, are worth it. */
const MANY = 1024;

/** Each number, or zero where it is nearer to zero than `least`. NaN stays. */
const flushed = (x, least) => `v128.andnot(${x}, v128.lt<Real>(v128.abs<Real>(${x}), ${least}))`;
/** `flushed` of numbers that are not negative. */
const flushedSquares = (x, least) => `v128.andnot(${x}, v128.lt<Real>(${x}, ${least}))`;

/** An activation or its derivative. */
const activation = (...lines) => ({ lines: () => lines });

const rows = {
  zero: {
    first: `if (length > ${MANY}) { memory.fill(y, 0, bytes(length)); return; }`,
    constants: { none: '0' },
    lines: () => ['y <- none'],
  },
  copy: {
    first: `if (length > ${MANY}) { memory.copy(y, x, bytes(length)); return; }`,
    lines: () => ['y <- x'],
  },
  setRows: { rows: { after: 'bias -= bytes(width);' }, length: 'width', lines: () => ['y <- bias'] },
  addRows: { rows: { after: 'bias -= bytes(width);' }, length: 'width', lines: () => ['y <- add(y, bias)'] },
  accumulate: { lines: () => ['y <- add(y, x)'] },
  multiplyElementwise: { lines: () => ['y <- mul(x, factors)'] },
  scale: { constants: { by: 'factor' }, lines: () => ['x <- mul(x, by)'] },
  // pmin and pmax with x first: NaN stays, and they are one instruction where min and max are many
  clamp: {
    constants: { high: 'limit', low: '-limit' },
    lines: () => ['x <- v128.pmin<Real>(v128.pmax<Real>(x, low), high)'],
  },
};

const activations = {
  activateTanh: { ...activation('y <- tanh(y)'), single: true },
  activateSigmoid: {
    first: 'if (sizeof<Real>() == 4 && anyBelow(y, length, -87)) { sigmoids(y, length); return; }',
    ...activation('y <- sigmoid(y)'),
    single: true,
  },
  // zero where y < 0, so that NaN shows
  activateRelu: { constants: { none: '0' }, ...activation('y <- v128.andnot(y, v128.lt<Real>(y, none))') },
  backTanh: { constants: { one: '1' }, ...activation('dy <- mul(dy, sub(one, mul(y, y)))') },
  backSigmoid: { constants: { one: '1' }, ...activation('dy <- mul(dy, mul(y, sub(one, y)))') },
  backRelu: { constants: { none: '0' }, ...activation('dy <- v128.and(dy, v128.gt<Real>(y, none))') },
  setSoftplus: { ...activation('y <- softplus(x)'), brief: true },
};

// A cell's gates are computed in loops of their own: the operations on one vector wait for each other, and the next
// vector keeps the processor busy meanwhile, as long as few instructions lie between.
// plain/lstmCell.ts, plain/gruCell.ts and plain/slstmCell.ts have the mathematics.
const cells = {
  lstmCell: {
    rows: {
      before:
        'const width = bytes(hidden); activateSigmoid(gates, 2 * hidden); ' +
        'activateTanh(gates + 2 * width, hidden); activateSigmoid(gates + 3 * width, hidden);',
      after: 'gates += 3 * width;',
    },
    length: 'hidden',
    single: true,
    arrays: {
      h: 'h',
      c: 'c',
      tanhC: 'tanhC',
      cBefore: 'cBefore',
      input: 'gates',
      forget: 'gates + width',
      candidate: 'gates + 2 * width',
      output: 'gates + 3 * width',
    },
    lines: () => [
      'cell = add(mul(forget, cBefore), mul(input, candidate))',
      'squashed = tanh(cell)',
      'c <- cell',
      'tanhC <- squashed',
      'h <- mul(output, squashed)',
    ],
  },
  lstmCellBack: {
    constants: { one: '1' },
    rows: { before: 'const width = bytes(hidden);', after: 'gates += 3 * width; dGates += 3 * width;' },
    length: 'hidden',
    arrays: {
      dc: 'dc',
      dh: 'dh',
      cBefore: 'cBefore',
      tanhC: 'tanhC',
      input: 'gates',
      forget: 'gates + width',
      candidate: 'gates + 2 * width',
      output: 'gates + 3 * width',
      dInput: 'dGates',
      dForget: 'dGates + width',
      dCandidate: 'dGates + 2 * width',
      dOutput: 'dGates + 3 * width',
    },
    lines: () => [
      'e = add(dc, mul(mul(dh, output), sub(one, mul(tanhC, tanhC))))',
      'dInput <- mul(mul(mul(e, candidate), input), sub(one, input))',
      'dForget <- mul(mul(mul(e, cBefore), forget), sub(one, forget))',
      'dCandidate <- mul(mul(e, input), sub(one, mul(candidate, candidate)))',
      'dOutput <- mul(mul(mul(dh, tanhC), output), sub(one, output))',
      'dc <- mul(e, forget)',
    ],
  },
  gruCell: {
    rows: {
      before:
        'const width = bytes(hidden); addRows(gates, hiddenGates, 1, 2 * hidden); activateSigmoid(gates, 2 * hidden);',
      after: 'gates += 2 * width; hiddenGates += 2 * width;',
    },
    length: 'hidden',
    single: true,
    arrays: {
      h: 'h',
      hBefore: 'hBefore',
      reset: 'gates',
      update: 'gates + width',
      candidate: 'gates + 2 * width',
      state: 'hiddenGates + 2 * width',
    },
    lines: () => [
      'n = tanh(add(candidate, mul(reset, state)))',
      'candidate <- n',
      'h <- add(n, mul(update, sub(hBefore, n)))',
    ],
  },
  gruCellBack: {
    constants: { one: '1' },
    rows: {
      before: 'const width = bytes(hidden); const skip = 2 * width;',
      after: 'gates += skip; hiddenGates += skip; dGates += skip; dHiddenGates += skip;',
    },
    length: 'hidden',
    arrays: {
      dh: 'dh',
      hBefore: 'hBefore',
      dBefore: 'dBefore',
      reset: 'gates',
      update: 'gates + width',
      candidate: 'gates + 2 * width',
      state: 'hiddenGates + 2 * width',
      dReset: 'dGates',
      dUpdate: 'dGates + width',
      dCandidate: 'dGates + 2 * width',
      dStateReset: 'dHiddenGates',
      dStateUpdate: 'dHiddenGates + width',
      dState: 'dHiddenGates + 2 * width',
    },
    lines: () => [
      'n = mul(mul(dh, sub(one, update)), sub(one, mul(candidate, candidate)))',
      'z = mul(mul(mul(dh, sub(hBefore, candidate)), update), sub(one, update))',
      'g = mul(mul(mul(n, state), reset), sub(one, reset))',
      'dReset <- g',
      'dUpdate <- z',
      'dCandidate <- n',
      'dStateReset <- g',
      'dStateUpdate <- z',
      'dState <- mul(n, reset)',
      'dBefore <- add(dBefore, mul(dh, update))',
    ],
  },
};

// The sLSTM's `kept` holds −log σ(f) at first, then f′, which exponent m follows, c / n and 1 / n side by side.
const slstms = {
  slstmCell: {
    constants: { one: '1', minus: '-1' },
    rows: {
      before:
        'const width = bytes(hidden); scale(gates + width, -1, hidden); setSoftplus(kept, gates + width, hidden); ' +
        'activateSigmoid(gates + width, hidden); activateTanh(gates + 2 * width, hidden); ' +
        'activateSigmoid(gates + 3 * width, hidden); ' +
        'const starting = i32x4.splat(allZero(nBefore, hidden) ? -1 : 0);',
      after: 'gates += 3 * width; kept += 3 * width;',
    },
    length: 'hidden',
    single: true,
    arrays: {
      h: 'h',
      c: 'c',
      n: 'n',
      m: 'm',
      cBefore: 'cBefore',
      nBefore: 'nBefore',
      mBefore: 'mBefore',
      input: 'gates',
      candidate: 'gates + 2 * width',
      output: 'gates + 3 * width',
      kept: 'kept',
      followed: 'kept + width',
      mean: 'kept + 2 * width',
      inverse: 'kept + 3 * width',
    },
    lines: () => [
      'l = sub(mBefore, kept)',
      'ahead = v128.gt<Real>(l, input)',
      'byInput = v128.or(v128.ge<Real>(input, l), starting)',
      'e = exp(v128.neg<Real>(v128.abs<Real>(sub(input, l))))',
      'i = v128.bitselect(one, e, byInput)',
      'f = v128.bitselect(v128.bitselect(one, e, ahead), one, byInput)',
      'cell = add(mul(f, cBefore), mul(i, candidate))',
      'total = add(mul(f, nBefore), i)',
      'ratio = v128.div<Real>(cell, total)',
      'h <- mul(output, ratio)',
      'c <- cell',
      'n <- total',
      'm <- v128.bitselect(input, l, byInput)',
      'input <- i',
      'kept <- f',
      'followed <- v128.bitselect(v128.and(ahead, minus), one, byInput)',
      'mean <- ratio',
      'inverse <- v128.div<Real>(one, total)',
    ],
  },
  slstmCellBack: {
    single: true,
    constants: { none: '0', one: '1' },
    rows: {
      before: 'const width = bytes(hidden); const skip = 3 * width;',
      after: 'gates += skip; kept += skip; dGates += skip;',
    },
    length: 'hidden',
    arrays: {
      dc: 'dc',
      dn: 'dn',
      dm: 'dm',
      dh: 'dh',
      cBefore: 'cBefore',
      nBefore: 'nBefore',
      input: 'gates',
      notForget: 'gates + width',
      candidate: 'gates + 2 * width',
      output: 'gates + 3 * width',
      forget: 'kept',
      followed: 'kept + width',
      mean: 'kept + 2 * width',
      inverse: 'kept + 3 * width',
      dInput: 'dGates',
      dForget: 'dGates + width',
      dCandidate: 'dGates + 2 * width',
      dOutput: 'dGates + 3 * width',
    },
    lines: () => [
      'dMean = mul(mul(dh, output), inverse)',
      'dCell = add(dc, dMean)',
      'dTotal = sub(dn, mul(dMean, mean))',
      'i = mul(add(mul(dCell, candidate), dTotal), input)',
      'f = mul(add(mul(dCell, cBefore), mul(dTotal, nBefore)), forget)',
      'byForget = v128.gt<Real>(followed, none)',
      'starts = v128.lt<Real>(followed, none)',
      'dL = v128.andnot(v128.bitselect(sub(dm, i), f, byForget), starts)',
      'dInput <- v128.bitselect(dm, v128.bitselect(i, sub(dm, f), byForget), starts)',
      'dForget <- mul(dL, notForget)',
      'dCandidate <- mul(mul(dCell, input), sub(one, mul(candidate, candidate)))',
      'dOutput <- mul(mul(mul(dh, mean), output), sub(one, output))',
      'dc <- mul(dCell, forget)',
      'dn <- mul(dTotal, forget)',
      'dm <- dL',
    ],
  },
};

// The real-gated linear recurrent unit: plain/rgLruGates.ts has the mathematics of the gates, plain/rgLruCell.ts the rest.
const rgLrus = {
  rgLruGates: {
    constants: { power: '-8' },
    rows: { after: 'rates -= bytes(hidden);' },
    length: 'hidden',
    brief: true,
    lines: () => ['log = mul(mul(power, gates), rates)', 'decay <- exp(log)', 'rest <- oneMinusExp(add(log, log))'],
  },
  rgLruGatesBack: {
    single: true,
    constants: { power: '-8', one: '1' },
    rows: { after: 'rates -= bytes(hidden);' },
    length: 'hidden',
    lines: () => [
      'd = mul(power, dDecay)',
      'dGates <- mul(mul(mul(d, rates), gates), sub(one, gates))',
      'dDecay <- mul(d, gates)',
    ],
  },
  rgLruCell: {
    single: true,
    constants: { one: '1', bound: 'sizeof<Real>() == 4 ? 1e-30 : 1e-300' },
    lines: () => [
      'fresh = mul(sub(one, startedBefore), add(one, startedBefore))',
      'free = add(fresh, mul(mul(startedBefore, startedBefore), rest))',
      'rest <- free',
      'started <- one',
      'next = add(mul(mul(startedBefore, decay), hBefore), mul(mul(v128.sqrt<Real>(free), gate), input))',
      `h <- ${flushed('next', 'bound')}`,
    ],
  },
  rgLruCellBack: {
    single: true,
    constants: { one: '1', two: '2', four: '4', least: '1e-6' },
    lines: () => [
      'keep = mul(startedBefore, decay)',
      'root = v128.sqrt<Real>(v128.pmax<Real>(mul(four, rest), least))',
      'slope = mul(two, v128.div<Real>(mul(mul(dh, gate), input), root))',
      'dKeep = sub(mul(dh, hBefore), mul(slope, keep))',
      'dScaled = mul(dh, v128.sqrt<Real>(rest))',
      'dBefore <- add(dBefore, mul(dh, keep))',
      'dStarted <- mul(dKeep, decay)',
      'dInput <- mul(dScaled, gate)',
      'dGate <- mul(mul(mul(dScaled, input), gate), sub(one, gate))',
      'dDecay <- mul(dKeep, keep)',
    ],
  },
};

// Linear recurrences: plain/scan.ts has the mathematics.
const scans = {
  scan: { lines: () => ['h <- add(mul(keep, before), fresh)'] },
  scanBack: { lines: () => ['dKeep <- mul(dh, before)', 'dBefore <- add(dBefore, mul(dh, keep))'] },
  minGruGates: {
    constants: { one: '1' },
    rows: { before: 'const width = bytes(hidden); activateSigmoid(sums + width, hidden);', after: 'sums += width;' },
    length: 'hidden',
    arrays: { keep: 'keep', fresh: 'fresh', candidate: 'sums', gate: 'sums + width' },
    lines: () => ['keep <- sub(one, gate)', 'fresh <- mul(gate, candidate)'],
  },
  minGruGatesBack: {
    constants: { one: '1' },
    rows: { before: 'const width = bytes(hidden);', after: 'sums += width; dSums += width;' },
    length: 'hidden',
    arrays: {
      dKeep: 'dKeep',
      dFresh: 'dFresh',
      candidate: 'sums',
      gate: 'sums + width',
      dCandidate: 'dSums',
      dGate: 'dSums + width',
    },
    lines: () => [
      'dCandidate <- mul(dFresh, gate)',
      'dGate <- mul(mul(sub(mul(dFresh, candidate), dKeep), gate), sub(one, gate))',
    ],
  },
  minLstmGates: {
    rows: {
      before:
        'const width = bytes(hidden); const low: Real = sizeof<Real>() == 4 ? -60 : -640; ' +
        'if (anyBelow(sums + width, 2 * hidden, low)) raiseLow(sums + width, sums + 2 * width, hidden, low); ' +
        'clamp(sums + width, sizeof<Real>() == 4 ? 80 : 700, 2 * hidden); ' +
        'activateSigmoid(sums + width, 2 * hidden);',
      after: 'sums += 2 * width;',
    },
    length: 'hidden',
    arrays: {
      keep: 'keep',
      fresh: 'fresh',
      candidate: 'sums',
      forget: 'sums + width',
      input: 'sums + 2 * width',
    },
    lines: () => [
      'total = add(forget, input)',
      'keep <- v128.div<Real>(forget, total)',
      'fresh <- mul(v128.div<Real>(input, total), candidate)',
    ],
  },
  minLstmGatesBack: {
    constants: { one: '1' },
    rows: { before: 'const width = bytes(hidden);', after: 'sums += 2 * width; dSums += 2 * width;' },
    length: 'hidden',
    arrays: {
      dKeep: 'dKeep',
      dFresh: 'dFresh',
      keep: 'keep',
      candidate: 'sums',
      forget: 'sums + width',
      input: 'sums + 2 * width',
      dCandidate: 'dSums',
      dForget: 'dSums + width',
      dInput: 'dSums + 2 * width',
    },
    lines: () => [
      'share = sub(one, keep)',
      'e = mul(mul(sub(dKeep, mul(dFresh, candidate)), keep), share)',
      'dCandidate <- mul(dFresh, share)',
      'dForget <- mul(e, sub(one, forget))',
      'dInput <- mul(e, sub(input, one))',
    ],
  },
  positive: {
    constants: { half: '0.5', none: '0' },
    rows: { after: 'y += bytes(yWidth - columns);' },
    length: 'columns',
    single: true,
    lines: () => ['y <- v128.bitselect(add(y, half), sigmoid(y), v128.ge<Real>(y, none))'],
  },
  positiveBack: {
    constants: { half: '0.5', one: '1' },
    rows: { after: 'y += bytes(yWidth - columns); dy += bytes(yWidth - columns);' },
    length: 'columns',
    lines: () => ['dy <- v128.bitselect(dy, mul(dy, mul(y, sub(one, y))), v128.ge<Real>(y, half))'],
  },
};

// The optimizers' updates, in torch's order of operations (torch.optim, 1.13).
const updates = {
  sgd: {
    constants: { rate: 'learningRate', decay: 'weightDecay', keep: 'momentum', share: 'undamped', bound: 'least' },
    cases: [
      { if: '!velocity' },
      { if: 'first && nesterov', velocity: true, first: true, nesterov: true },
      { if: 'first', velocity: true, first: true },
      { if: 'nesterov', velocity: true, nesterov: true },
      { velocity: true },
    ],
    lines: ({ velocity, first, nesterov }) => [
      'step = add(gradients, mul(decay, weights))',
      ...(velocity
        ? [
            `v = ${first ? 'step' : 'add(mul(keep, velocity), mul(share, step))'}`,
            `velocity <- ${flushed('v', 'bound')}`,
            `weights <- sub(weights, mul(rate, ${nesterov ? 'add(step, mul(keep, v))' : 'v'}))`,
          ]
        : ['weights <- sub(weights, mul(rate, step))']),
    ],
  },
  adagrad: {
    constants: { rate: 'learningRate', decay: 'weightDecay', tiny: 'epsilon' },
    lines: () => [
      'step = add(gradients, mul(decay, weights))',
      's = add(squares, mul(step, step))',
      'squares <- s',
      'weights <- sub(weights, v128.div<Real>(mul(rate, step), add(v128.sqrt<Real>(s), tiny)))',
    ],
  },
  rmsprop: {
    constants: {
      rate: 'learningRate',
      keep: 'alpha',
      share: 'rest',
      tiny: 'epsilon',
      decay: 'weightDecay',
      inertia: 'momentum',
      bound: 'least',
      squareBound: 'leastSquare',
      root: 'sqrt<Real>(leastSquare)',
      none: '0',
    },
    cases: [
      { if: 'mean && velocity', mean: true, velocity: true },
      { if: 'mean', mean: true },
      { if: 'velocity', velocity: true },
      {},
    ],
    lines: ({ mean, velocity }) => [
      'step = add(gradients, mul(decay, weights))',
      's = add(mul(keep, squares), mul(mul(share, step), step))',
      `squares <- ${flushedSquares('s', 'squareBound')}`,
      ...(mean
        ? [
            'm = add(mul(keep, mean), mul(share, step))',
            `mean <- ${flushed('m', 'bound')}`,
            `near = ${flushed('m', 'root')}`, // its square would be subnormal
            'deviation = sub(s, mul(near, near))',
            'variance = v128.andnot(deviation, v128.lt<Real>(deviation, none))', // below 0 by rounding
          ]
        : ['variance = s']),
      'change = v128.div<Real>(step, add(v128.sqrt<Real>(variance), tiny))',
      ...(velocity
        ? ['total = add(change, mul(inertia, velocity))', `velocity <- ${flushed('total', 'bound')}`]
        : ['total = change']),
      'weights <- sub(weights, mul(rate, total))',
    ],
  },
  adam: {
    constants: {
      keep1: 'beta1',
      share1: 'rest1',
      keep2: 'beta2',
      share2: 'rest2',
      tiny: 'epsilon',
      decay: 'weightDecay',
      keep: 'kept',
      rate: 'stride',
      root: 'root2',
      bound: 'least',
      squareBound: 'leastSquare',
    },
    cases: [{ if: 'largest', largest: true }, {}],
    lines: ({ largest }) => [
      'x = mul(keep, weights)',
      'step = add(gradients, mul(decay, x))',
      'm = add(mul(keep1, mean), mul(share1, step))',
      's = add(mul(keep2, squares), mul(mul(share2, step), step))',
      `mean <- ${flushed('m', 'bound')}`,
      `squares <- ${flushedSquares('s', 'squareBound')}`,
      ...(largest ? ['variance = v128.pmax<Real>(largest, s)', 'largest <- variance'] : ['variance = s']),
      'divisor = add(v128.div<Real>(v128.sqrt<Real>(variance), root), tiny)',
      'weights <- sub(x, v128.div<Real>(mul(rate, m), divisor))',
    ],
  },
};

export const formulas = { ...rows, ...activations, ...cells, ...slstms, ...rgLrus, ...scans, ...updates };
