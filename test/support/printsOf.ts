/** Finds the lines that a program says it prints: what follows each `// -> `. */
export function printsOf(text: string): string[] {
  return Array.from(text.matchAll(/\/\/ -> (.*)$/gm), ([, line]) => line!);
}
