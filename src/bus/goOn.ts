import { visible } from '../check/visible.js';

/** What a person writes into the file of a batch that was lost, so that what comes after it is read. */
export const LOST = 'lost';

/** Says how a person gives up what a file held. */
export function goOn(path: string): string {
  return `to go on without it: echo ${LOST} > ${visible(path)}`;
}
