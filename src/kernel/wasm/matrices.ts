import type { Numbers } from '../../types.js';
import type { ThreadTeam } from './threadTeam.js';
import type { Exports } from './instantiate.js';
import type { Kernel, Matrix } from '../kernel.js';

export interface MatricesOptions {
  /** Bytes of a number. */
  readonly size: number;
  readonly exports: Exports;
  readonly team: ThreadTeam;
  allocate(length: number): Numbers;
  free(array: Numbers): void;
  /** The address of tokens in the memory. */
  placed(tokens: Int32Array, rows: number): number;
  /** Does work that has to be done before the products that follow, whenever they are made. */
  beforeReplay(work: () => void): void;
}

export interface Matrices extends Pick<Kernel, 'matrix' | 'weightsChanged'> {
  /** Makes sure that products of this shape find room for what they pack. */
  needScratch(inputs: number, outputs: number): void;
  /** Gives back what is kept of a matrix whose array is given back. */
  forgetMatrix(w: Numbers): void;
}

/** The weight matrices of one memory and the packed copies that products read: made when first needed after a change. */
export function matrices({ size, exports, team, allocate, free, placed, beforeReplay }: MatricesOptions): Matrices {
  const panel = 32 / size; // numbers of a panel's row; see assembly/memory.ts
  const made = new Map<number, { readonly matrix: Matrix; release(): void }>(); // by address
  let version = 0;

  function needScratch(inputs: number, outputs: number): void {
    team.needScratch(exports.scratchBytes(inputs, outputs));
  }

  function makeMatrix(w: Numbers, inputs: number, outputs: number): { matrix: Matrix; release(): void } {
    const at = w.byteOffset;
    const forwardPanels = Math.ceil(outputs / panel);
    const backPanels = Math.ceil(inputs / panel);
    let forward: Numbers | undefined; // the panels of columns n over k
    let back: Numbers | undefined; // the panels of columns k over n
    let forwardVersion = -1;
    let backVersion = -1;
    needScratch(inputs, outputs);

    function pack(): void {
      if (forwardVersion === version) return;
      forward ??= allocate(forwardPanels * panel * inputs);
      exports.pack(forward.byteOffset, at, inputs, outputs, 0, forwardPanels);
      forwardVersion = version;
    }
    function packBack(): void {
      if (backVersion === version) return;
      back ??= allocate(backPanels * panel * outputs);
      exports.packRows(back.byteOffset, at, outputs, inputs, inputs * size, 0, backPanels);
      backVersion = version;
    }
    function packed(): number {
      beforeReplay(pack);
      return forward!.byteOffset;
    }
    function packedBack(): number {
      beforeReplay(packBack);
      return back!.byteOffset;
    }

    return {
      matrix: {
        multiply(y, x, rows) {
          exports.multiply(y.byteOffset, x.byteOffset, packed(), rows, inputs, outputs, outputs);
        },
        multiplyTokens(y, tokens, rows) {
          exports.multiplyTokens(y.byteOffset, placed(tokens, rows), packed(), rows, inputs, outputs);
        },
        multiplyBack(dx, dy, rows) {
          if (rows === 1) exports.multiplyBack1(dx.byteOffset, dy.byteOffset, at, inputs, outputs);
          else exports.multiply(dx.byteOffset, dy.byteOffset, packedBack(), rows, outputs, inputs, inputs);
        },
      },
      release() {
        if (forward) free(forward);
        if (back) free(back);
        [forward, back] = [undefined, undefined];
      },
    };
  }

  return {
    needScratch,
    matrix(w, inputs, outputs) {
      let kept = made.get(w.byteOffset);
      if (!kept) made.set(w.byteOffset, (kept = makeMatrix(w, inputs, outputs)));
      return kept.matrix;
    },
    forgetMatrix({ byteOffset }) {
      made.get(byteOffset)?.release();
      made.delete(byteOffset);
    },
    weightsChanged() {
      version++;
    },
  };
}
