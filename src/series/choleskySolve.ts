/**
 * Solves `A x = b` for several right sides, one per row of `right` (`count × size`), with A symmetric and positive
 * definite (`size × size`), by Cholesky's decomposition. Directions in which A is 0 to within rounding get none of the
 * solution. Overwrites both; the solutions are in `right`, which is returned.
 */
export function choleskySolve(matrix: Float64Array, right: Float64Array, size: number, count: number): Float64Array {
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i]!);
  const least = largest * 1e-14;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      if (i === j) matrix[i * size + i] = sum > least ? Math.sqrt(sum) : Infinity;
      else matrix[i * size + j] = sum / matrix[j * size + j]!;
    }
  }
  for (let c = 0; c < count; c++) {
    const at = c * size;
    for (let i = 0; i < size; i++) {
      let sum = right[at + i]!;
      for (let k = 0; k < i; k++) sum -= matrix[i * size + k]! * right[at + k]!;
      right[at + i] = sum / matrix[i * size + i]!;
    }
    for (let i = size - 1; i >= 0; i--) {
      const x = right[at + i]! / matrix[i * size + i]!;
      right[at + i] = x;
      for (let k = 0; k < i; k++) right[at + k]! -= matrix[i * size + k]! * x;
    }
  }
  return right;
}
