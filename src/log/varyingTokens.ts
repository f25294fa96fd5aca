import { WILDCARD } from './maskToken.js';

/** A template as evidence of what varies. */
interface SeenTemplate {
  readonly tokens: readonly string[];
  /** Lines of it so far. */
  readonly lines: number;
}

const FEW_LINES = 3; // of a template whose words may be an identifier's
const FEW = 8; // such templates that show that a token varies
const MANY = 32; // templates that do, however often they came
const ALL = 100; // those needed where few tokens stay the same
const LEAST_CONSTANT = 1 / 3; // share of the tokens
const MOST_TOKENS = 32;

/**
 * Finds the tokens of a line that vary, such as names and identifiers made of letters, by the templates of as many tokens:
 * returns the line with wildcards in their places; undefined where nothing shows that any varies.
 *
 * A token is constant where enough templates have it in its place. Every other token must have as many different values in
 * the templates that have all constant ones. Enough are 8 templates of at most 3 lines each, since an identifier comes a few
 * times and the words of messages come again and again, or 32 of any; 100 where less than a third of the tokens is constant.
 */
export function varyingTokens(masked: readonly string[], templates: readonly SeenTemplate[]): string[] | undefined {
  if (masked.length > MOST_TOKENS || templates.length < FEW) return undefined;
  const rare = templates.filter(({ lines }) => lines <= FEW_LINES);
  return (
    openedBy(masked, rare, FEW, LEAST_CONSTANT) ??
    openedBy(masked, templates, MANY, LEAST_CONSTANT) ??
    openedBy(masked, rare, ALL, 0)
  );
}

function openedBy(
  masked: readonly string[],
  templates: readonly SeenTemplate[],
  enough: number,
  share: number,
): string[] | undefined {
  if (templates.length < enough) return undefined;
  const isConstant = masked.map((token, i) => {
    let count = 0;
    for (const { tokens } of templates) if (tokens[i] === token) count += 1;
    return count >= enough;
  });
  const constants = isConstant.filter(Boolean).length;
  if (constants === masked.length || constants < share * masked.length) return undefined;
  const alike = templates.filter(({ tokens }) =>
    isConstant.every((constant, i) => !constant || tokens[i] === masked[i]),
  );
  if (alike.length < enough) return undefined;
  const varies = isConstant.every((constant, i) => constant || valuesAt(i, alike) >= enough);
  return varies ? masked.map((token, i) => (isConstant[i] ? token : WILDCARD)) : undefined;
}

/** Different tokens in a place; each wildcard counts as another one. */
function valuesAt(i: number, templates: readonly SeenTemplate[]): number {
  const values = new Set<string>();
  let wildcards = 0;
  for (const { tokens } of templates) {
    if (tokens[i] === WILDCARD) wildcards += 1;
    else values.add(tokens[i]!);
  }
  return values.size + wildcards;
}
