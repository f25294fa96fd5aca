import type { Topics } from './messages.js';

/** All topics, in the order in which a page that has several at once draws them. */
export const TOPICS: readonly (keyof Topics)[] = [
  'about',
  'controls',
  'curves',
  'points',
  'samples',
  'text',
  'matches',
  'pipeline',
  'series',
  'attention',
  'answer',
  'ended',
];
