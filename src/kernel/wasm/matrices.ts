import type { Numbers } from '../../types.js';
import type { ThreadTeam } from './threadTeam.js';
import type { Calls } from './calls.js';
import type { Kernel, Matrix } from '../kernel.js';

export interface MatricesOptions {
  /** Bytes of a number. */
  readonly size: number;
  readonly calls: Calls;
  readonly team: ThreadTeam;
  /** Whether bfloat16 holds all weights exactly: products of one row read them in it then. */
  readonly halves: boolean;
  allocate(length: number): Numbers;
  free(array: Numbers): void;
  /** The tokens, in the kernel's memory. */
  inMemory(tokens: Int32Array, rows: number): Int32Array;
  /** Does work that the products after it need, now and before each replay of them; see callCapture.ts. */
  beforeReplay(work: () => void): void;
}

export interface Matrices extends Pick<Kernel, 'matrix' | 'weightsChanged' | 'weightsVersion'> {
  /** Makes the scratch buffers large enough for products of this shape. */
  needScratch(inputs: number, outputs: number): void;
  /** Gives back the packed copies of the matrices in an array, and in views of it, as the array is given back. */
  forgetMatrices(array: Numbers): void;
}

/** The weight matrices of one memory and the packed copies that products read: made when first needed after a change. */
export function matrices({
  size,
  calls,
  team,
  halves,
  allocate,
  free,
  inMemory,
  beforeReplay,
}: MatricesOptions): Matrices {
  const panel = 32 / size; // numbers of a panel's row; see assembly/memory.ts
  const made = new Map<string, { readonly at: number; readonly matrix: Matrix; release(): void }>(); // by address and shape
  let version = 0;

  function needScratch(inputs: number, outputs: number): void {
    team.needScratch(calls.scratchBytes({ inputs, outputs }));
  }

  function makeMatrix(w: Numbers, inputs: number, outputs: number): { matrix: Matrix; release(): void } {
    const forwardPanels = Math.ceil(outputs / panel);
    const backPanels = Math.ceil(inputs / panel);
    let forward: Numbers | undefined; // the panels of columns n over k
    let back: Numbers | undefined; // the panels of columns k over n
    let half: Numbers | undefined; // the panels of columns n over k, in 16 bits
    let forwardVersion = -1;
    let halfVersion = -1;
    let backVersion = -1;
    needScratch(inputs, outputs);

    function pack(): void {
      if (forwardVersion === version) return;
      forward ??= allocate(forwardPanels * panel * inputs);
      calls.pack({ panels: forward, w, inputs, outputs, first: 0, count: forwardPanels });
      forwardVersion = version;
    }
    function packHalves(): void {
      if (halfVersion === version) return;
      half ??= allocate(forwardPanels * 4 * inputs); // panels of eight numbers in the room of four
      calls.packHalves({ panels: half, w, inputs, outputs });
      halfVersion = version;
    }
    function packBack(): void {
      if (backVersion === version) return;
      back ??= allocate(backPanels * panel * outputs);
      calls.packRows({
        panels: back,
        x: w,
        rows: outputs,
        width: inputs,
        stride: inputs * size,
        first: 0,
        some: backPanels,
      });
      backVersion = version;
    }
    function packed(): Numbers {
      beforeReplay(pack);
      return forward!;
    }
    function packedBack(): Numbers {
      beforeReplay(packBack);
      return back!;
    }

    return {
      matrix: {
        multiply(y, x, rows) {
          if (halves && rows === 1) {
            beforeReplay(packHalves);
            calls.multiplyHalves({ y, x, panels: half!, inputs, outputs });
            return;
          }
          calls.multiply({ y, x, panels: packed(), rows, inputs, outputs, yWidth: outputs });
        },
        multiplyTokens(y, tokens, rows) {
          calls.multiplyTokens({ y, tokens: inMemory(tokens, rows), panels: packed(), rows, inputs, outputs });
        },
        multiplyBack(dx, dy, rows) {
          if (rows === 1) calls.multiplyBack1({ dx, dy, w, inputs, outputs });
          else {
            const panels = packedBack();
            calls.multiply({ y: dx, x: dy, panels, rows, inputs: outputs, outputs: inputs, yWidth: inputs });
          }
        },
      },
      release() {
        if (forward) free(forward);
        if (back) free(back);
        if (half) free(half);
        [forward, back, half] = [undefined, undefined, undefined];
      },
    };
  }

  return {
    needScratch,
    matrix(w, inputs, outputs) {
      const at = w.byteOffset;
      const key = [at, inputs, outputs].join();
      let kept = made.get(key);
      if (!kept) made.set(key, (kept = { at, ...makeMatrix(w, inputs, outputs) }));
      return kept.matrix;
    },
    forgetMatrices({ byteOffset, byteLength }) {
      for (const [key, { at, release }] of made) {
        if (at < byteOffset || at >= byteOffset + byteLength) continue;
        release();
        made.delete(key);
      }
    },
    weightsChanged() {
      version++;
    },
    weightsVersion: () => version,
  };
}
