/** A message of the library as a user of a script reads it: with the script's options, such as `--invalid skip`. */
export function asOptions(message: string): string {
  return message.replace(
    /\{ (invalid|decimal): '(\w+|,)' \}/g,
    (_, name: string, value: string) => `--${name} ${value}`,
  );
}
