/** What happens to the partitions of a worker. */
export type BusEvent =
  | {
      readonly kind: 'taken';
      readonly partition: number;
      /** The worker whose lease had run out; `undefined` where the partition was free. */
      readonly from?: string;
    }
  | { readonly kind: 'returned'; readonly partition: number }
  | { readonly kind: 'lost'; readonly partition: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly partition: number; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The bus answers again. */
  | { readonly kind: 'available' }
  | {
      readonly kind: 'committed';
      readonly partition: number;
      readonly seq: number;
      readonly frames: number;
      readonly values: number;
    }
  | { readonly kind: 'dead'; readonly partition: number; readonly key: string; readonly reason: string }
  | { readonly kind: 'model'; readonly partition: number; readonly epoch: number };
