/** Throws where `value` is not allowed as the option of the function `who`; for one option of one call. */
export type Check = (who: string, option: string, value: unknown) => void;
