/** Throws where `value` is not what the option of the function `who` may be; for one option of one call. */
export type Check = (who: string, option: string, value: unknown) => void;
