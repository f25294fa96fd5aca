// Writes bytes as those that are new and copies of earlier ones, from any distance; deflate alone looks back 32 kB, which is
// less than half of a module. ../expand.ts is the other half.

/** The shortest copy: what is shorter is left to deflate. */
const LEAST = 16;

/** `literals` are the new bytes, `copies` for each copy the literals before it, its length beyond LEAST, and its distance. */
export function shorten(bytes) {
  const text = Buffer.from(bytes).toString('latin1');
  const places = new Map(); // of what began before
  const copies = [];
  const literals = [];
  let run = 0;
  let noted = 0;
  for (let i = 0; i < text.length;) {
    for (; noted + LEAST <= i; noted++) places.set(text.slice(noted, noted + LEAST), noted);
    const from = i + LEAST <= text.length ? places.get(text.slice(i, i + LEAST)) : undefined;
    if (from === undefined) {
      literals.push(bytes[i]);
      run++;
      i++;
      continue;
    }
    let length = LEAST;
    while (i + length < text.length && bytes[from + length] === bytes[i + length]) length++;
    copies.push([run, length - LEAST, i - from]);
    run = 0;
    i += length;
  }
  const numbers = [0, 1, 2].flatMap((column) => copies.map((copy) => copy[column]));
  return {
    literals: literals.length,
    copies: copies.length,
    bytes: Buffer.from([...literals, ...numbers.flatMap(leb)]),
  };
}

/** A number in groups of seven bits, the lowest first (LEB128). */
function leb(number) {
  return number < 128 ? [number] : [(number & 127) | 128, ...leb(number >>> 7)];
}
