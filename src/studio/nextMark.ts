/** The next of 1, 2, 5, 10, 20, 50, 100, … after a count: when samples are taken. */
export function nextMark(count: number): number {
  let mark = 1;
  for (let i = 0; mark <= count; i++) mark *= i % 3 === 1 ? 2.5 : 2;
  return mark;
}
