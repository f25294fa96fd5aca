/**
 * A number of items beyond the depth of any stack. Smaller, but still beyond it, where tests run again and again, as in
 * `npm run mutation`.
 */
export const LARGE: number = Number(process.env['TEST_LARGE'] ?? 1_000_000);

/** The stride through places that a test visits: 1, and larger where `LARGE` is smaller. */
export const STRIDE: number = Math.ceil(1_000_000 / LARGE);
