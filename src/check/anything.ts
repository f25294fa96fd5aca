import type { Check } from './check.js';

/** Accepts every value: for options that are checked where they are used. */
export const anything: Check = () => undefined;
