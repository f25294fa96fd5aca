import type { Numbers } from '../../types.js';
import type { ThreadTeam } from '../threads/threadTeam.js';
import type { Exports } from './instantiate.js';
import type { Kernel, Matrix } from '../kernel.js';

export interface MatricesOptions {
  /** Bytes of a number. */
  readonly size: number;
  readonly exports: Exports;
  readonly crew: ThreadTeam;
  allocate(length: number): Numbers;
  /** The address of tokens in the memory. */
  placed(tokens: Int32Array, rows: number): number;
  /** Does work that has to be done before the products that follow, whenever they are made. */
  first(work: () => void): void;
}

export interface Matrices extends Pick<Kernel, 'matrix' | 'weightsChanged'> {
  /** Makes sure that products of this shape find room for what they pack. */
  needScratch(inputs: number, outputs: number): void;
}

/** The weight matrices of one memory and the packed copies that products read: made when first needed after a change. */
export function matrices({ size, exports, crew, allocate, placed, first }: MatricesOptions): Matrices {
  const panel = 32 / size; // numbers of a panel's row; see assembly/memory.ts
  const made = new Map<number, Matrix>();
  let version = 0;

  function needScratch(inputs: number, outputs: number): void {
    crew.needScratch(exports.scratchBytes(inputs, outputs));
  }

  function makeMatrix(w: Numbers, inputs: number, outputs: number): Matrix {
    const at = w.byteOffset;
    const forwardPanels = Math.ceil(outputs / panel);
    const backPanels = Math.ceil(inputs / panel);
    let forward = 0; // address of the panels of columns n over k
    let back = 0; // of the panels of columns k over n
    let forwardVersion = -1;
    let backVersion = -1;
    needScratch(inputs, outputs);

    function pack(): void {
      if (forwardVersion === version) return;
      forward ||= allocate(forwardPanels * panel * inputs).byteOffset;
      exports.pack(forward, at, inputs, outputs, 0, forwardPanels);
      forwardVersion = version;
    }
    function packBack(): void {
      if (backVersion === version) return;
      back ||= allocate(backPanels * panel * outputs).byteOffset;
      exports.packRows(back, at, outputs, inputs, inputs * size, 0, backPanels);
      backVersion = version;
    }
    function packed(): number {
      first(pack);
      return forward;
    }
    function packedBack(): number {
      first(packBack);
      return back;
    }

    return {
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
    };
  }

  return {
    needScratch,
    matrix(w, inputs, outputs) {
      let matrix = made.get(w.byteOffset);
      if (!matrix) made.set(w.byteOffset, (matrix = makeMatrix(w, inputs, outputs)));
      return matrix;
    },
    weightsChanged() {
      version++;
    },
  };
}
