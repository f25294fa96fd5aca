/**
 * As many items as no stack is deep, and no test waits for twice. Fewer, but still more than a stack is deep, where
 * the tests run over and over, as `npm run mutation` does.
 */
export const LARGE: number = Number(process.env['TEST_LARGE'] ?? 1_000_000);

/** The step through places that are all to be looked at: 1, and more where there is fewer of everything. */
export const STRIDE: number = Math.ceil(1_000_000 / LARGE);
