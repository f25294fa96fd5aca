/** Why a worker stops with a partition that is another's now. */
export class Lost extends Error {
  override readonly name = 'Lost';
}
