/** The buffers of one tape, which may serve another tape when the first is released. */
export interface Buffers {
  readonly steps: number;
  readonly lanes: number;
}

/** Buffers lent to a tape. */
export interface Loan<B> {
  readonly buffers: B;
  /** Whether they were lent on since: what stands in them is another's. */
  readonly expired: boolean;
  giveBack(): void;
}

/**
 * Lends buffers that were given back before it makes new ones: a kernel's memory is never freed, so that runs, scorers
 * and validations that come and go must use the same.
 */
export function pool<B extends Buffers>(
  make: (steps: number, lanes: number) => B,
  clear: (buffers: B) => void,
): (steps: number, lanes: number) => Loan<B> {
  const idle: { readonly buffers: B; last: { expired: boolean } }[] = [];
  return (steps, lanes) => {
    const fits = idle.findIndex(({ buffers }) => buffers.lanes === lanes && buffers.steps === steps);
    const [kept] = fits < 0 ? [] : idle.splice(fits, 1);
    if (kept) {
      kept.last.expired = true;
      clear(kept.buffers);
    }
    const buffers = kept?.buffers ?? make(steps, lanes);
    const loan = { buffers, expired: false, giveBack };
    let given = false;
    function giveBack(): void {
      if (!given) idle.push({ buffers, last: loan });
      given = true;
    }
    return loan;
  };
}
