/** What measurements are held to in size, so that sums and squares of them are finite. */
export const LARGEST = 1e150;
