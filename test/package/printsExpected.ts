/** Whether a program, run in one way, prints the expected text; says so. */
export function printsExpected(name: string, expected: string, written: () => string): boolean {
  let result: string;
  try {
    result = written();
  } catch (error) {
    result = String(error);
  }
  console.log(result === expected ? ` ok  ${name}` : `FAIL ${name}: ${result}`);
  return result === expected;
}
