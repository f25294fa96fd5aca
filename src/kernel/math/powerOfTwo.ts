/** 2^k at k + 1074. */
const powers = table();

/** Gives 2^k, exactly, for a whole k from -1074 to 1023. */
export function powerOfTwo(k: number): number {
  return powers[k + 1074]!;
}

function table(): Float64Array {
  const powers = new Float64Array(2098);
  powers[0] = Number.MIN_VALUE;
  for (let k = 1; k < powers.length; k++) powers[k] = powers[k - 1]! * 2;
  return powers;
}
