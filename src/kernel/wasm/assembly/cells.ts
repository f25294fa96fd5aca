// Recurrent cells, element by element; plain/lstmCell.ts and plain/gruCell.ts have the mathematics.
import { activateSigmoid, activateTanh } from './activations';
import { tanh } from './functions';
import { add, bytes, LANES, loadPart, mul, splat, storePart, sub } from './memory';
import { addRows } from './rows';

// A cell's gates are computed in loops of their own: the operations on one vector wait for each other, and the next
// vector keeps the processor busy meanwhile, as long as few instructions lie between.

// @ts-ignore: decorator
@inline
function lstmCellPart(h: usize, c: usize, tanhC: usize, gates: usize, cBefore: usize, width: usize, count: i32): void {
  const input = loadPart(gates, count);
  const forget = loadPart(gates + width, count);
  const candidate = loadPart(gates + 2 * width, count);
  const out = loadPart(gates + 3 * width, count);
  const cell = add(mul(forget, loadPart(cBefore, count)), mul(input, candidate));
  const squashed = tanh(cell);
  storePart(c, cell, count);
  storePart(tanhC, squashed, count);
  storePart(h, mul(out, squashed), count);
}

export function lstmCell(h: usize, c: usize, tanhC: usize, gates: usize, cBefore: usize, rows: i32, hidden: i32): void {
  const width = bytes(hidden);
  for (let r = 0; r < rows; r++, gates += 3 * width) {
    activateSigmoid(gates, 2 * hidden);
    activateTanh(gates + 2 * width, hidden);
    activateSigmoid(gates + 3 * width, hidden);
    let left = hidden;
    for (; left >= LANES; left -= LANES) {
      lstmCellPart(h, c, tanhC, gates, cBefore, width, LANES);
      gates += 16;
      cBefore += 16;
      c += 16;
      tanhC += 16;
      h += 16;
    }
    if (left > 0) {
      lstmCellPart(h, c, tanhC, gates, cBefore, width, left);
      const step = bytes(left);
      gates += step;
      cBefore += step;
      c += step;
      tanhC += step;
      h += step;
    }
  }
}

// @ts-ignore: decorator
@inline
function lstmCellBackPart(dGates: usize, dc: usize, dh: usize, gates: usize, cBefore: usize, tanhC: usize, width: usize, count: i32): void {
  const one = splat(1);
  const input = loadPart(gates, count);
  const forget = loadPart(gates + width, count);
  const candidate = loadPart(gates + 2 * width, count);
  const out = loadPart(gates + 3 * width, count);
  const squashed = loadPart(tanhC, count);
  const d = loadPart(dh, count);
  const e = add(loadPart(dc, count), mul(mul(d, out), sub(one, mul(squashed, squashed))));
  storePart(dGates, mul(mul(mul(e, candidate), input), sub(one, input)), count);
  storePart(dGates + width, mul(mul(mul(e, loadPart(cBefore, count)), forget), sub(one, forget)), count);
  storePart(dGates + 2 * width, mul(mul(e, input), sub(one, mul(candidate, candidate))), count);
  storePart(dGates + 3 * width, mul(mul(mul(d, squashed), out), sub(one, out)), count);
  storePart(dc, mul(e, forget), count);
}

export function lstmCellBack(
  dGates: usize,
  dc: usize,
  dh: usize,
  gates: usize,
  cBefore: usize,
  tanhC: usize,
  rows: i32,
  hidden: i32,
): void {
  const width = bytes(hidden);
  for (let r = 0; r < rows; r++, gates += 3 * width, dGates += 3 * width) {
    let left = hidden;
    for (; left >= LANES; left -= LANES) {
      lstmCellBackPart(dGates, dc, dh, gates, cBefore, tanhC, width, LANES);
      gates += 16;
      dGates += 16;
      cBefore += 16;
      dc += 16;
      dh += 16;
      tanhC += 16;
    }
    if (left > 0) {
      lstmCellBackPart(dGates, dc, dh, gates, cBefore, tanhC, width, left);
      const step = bytes(left);
      gates += step;
      dGates += step;
      cBefore += step;
      dc += step;
      dh += step;
      tanhC += step;
    }
  }
}

// @ts-ignore: decorator
@inline
function gruCellPart(h: usize, gates: usize, hiddenGates: usize, hBefore: usize, width: usize, count: i32): void {
  const reset = loadPart(gates, count);
  const update = loadPart(gates + width, count);
  const candidate = tanh(add(loadPart(gates + 2 * width, count), mul(reset, loadPart(hiddenGates + 2 * width, count))));
  storePart(gates + 2 * width, candidate, count);
  storePart(h, add(candidate, mul(update, sub(loadPart(hBefore, count), candidate))), count);
}

export function gruCell(h: usize, gates: usize, hiddenGates: usize, hBefore: usize, rows: i32, hidden: i32): void {
  const width = bytes(hidden);
  for (let r = 0; r < rows; r++, gates += 2 * width, hiddenGates += 2 * width) {
    addRows(gates, hiddenGates, 1, 2 * hidden);
    activateSigmoid(gates, 2 * hidden);
    let left = hidden;
    for (; left >= LANES; left -= LANES) {
      gruCellPart(h, gates, hiddenGates, hBefore, width, LANES);
      gates += 16;
      hiddenGates += 16;
      hBefore += 16;
      h += 16;
    }
    if (left > 0) {
      gruCellPart(h, gates, hiddenGates, hBefore, width, left);
      const step = bytes(left);
      gates += step;
      hiddenGates += step;
      hBefore += step;
      h += step;
    }
  }
}

// @ts-ignore: decorator
@inline
function gruCellBackPart(dGates: usize, dHiddenGates: usize, dBefore: usize, dh: usize, gates: usize, hiddenGates: usize, hBefore: usize, width: usize, count: i32): void {
  const one = splat(1);
  const reset = loadPart(gates, count);
  const update = loadPart(gates + width, count);
  const candidate = loadPart(gates + 2 * width, count);
  const d = loadPart(dh, count);
  const dCandidate = mul(mul(d, sub(one, update)), sub(one, mul(candidate, candidate)));
  const dUpdate = mul(mul(mul(d, sub(loadPart(hBefore, count), candidate)), update), sub(one, update));
  const dReset = mul(mul(mul(dCandidate, loadPart(hiddenGates + 2 * width, count)), reset), sub(one, reset));
  storePart(dGates, dReset, count);
  storePart(dGates + width, dUpdate, count);
  storePart(dGates + 2 * width, dCandidate, count);
  storePart(dHiddenGates, dReset, count);
  storePart(dHiddenGates + width, dUpdate, count);
  storePart(dHiddenGates + 2 * width, mul(dCandidate, reset), count);
  storePart(dBefore, add(loadPart(dBefore, count), mul(d, update)), count);
}

export function gruCellBack(
  dGates: usize,
  dHiddenGates: usize,
  dBefore: usize,
  dh: usize,
  gates: usize,
  hiddenGates: usize,
  hBefore: usize,
  rows: i32,
  hidden: i32,
): void {
  const width = bytes(hidden);
  const skip: usize = 2 * width;
  for (let r = 0; r < rows; r++, gates += skip, hiddenGates += skip, dGates += skip, dHiddenGates += skip) {
    let left = hidden;
    for (; left >= LANES; left -= LANES) {
      gruCellBackPart(dGates, dHiddenGates, dBefore, dh, gates, hiddenGates, hBefore, width, LANES);
      gates += 16;
      hiddenGates += 16;
      dGates += 16;
      dHiddenGates += 16;
      dBefore += 16;
      dh += 16;
      hBefore += 16;
    }
    if (left > 0) {
      gruCellBackPart(dGates, dHiddenGates, dBefore, dh, gates, hiddenGates, hBefore, width, left);
      const step = bytes(left);
      gates += step;
      hiddenGates += step;
      dGates += step;
      dHiddenGates += step;
      dBefore += step;
      dh += step;
      hBefore += step;
    }
  }
}
