// Per-step options of each optimizer.

export interface SgdStep {
  readonly learningRate: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  /** Whether this is the first update, whose velocity is the gradient itself. */
  readonly first: boolean;
}

export interface AdagradStep {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly epsilon: number;
}

export interface RmspropStep {
  readonly learningRate: number;
  readonly alpha: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly momentum: number;
}

export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Added to the gradient (Adam), as `weightDecay · w`. */
  readonly weightDecay: number;
  /** Subtracted from the weights before the update (AdamW), as `learningRate · decay · w`. */
  readonly decoupledDecay: number;
  /** `1 − beta1^t` and `1 − beta2^t`. */
  readonly correction1: number;
  readonly correction2: number;
}
