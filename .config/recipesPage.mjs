// Writes the page of all recipes for the reference, coverage/recipes.md, from pipelines/recipes: `npm run docs` calls it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'pipelines/recipes');
const names = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .toSorted();
const recipes = names.map((name) => {
  const [, comment, code] = /^((?:\/\/ .*\n)+)([^]*)$/.exec(readFileSync(join(folder, name), 'utf8'));
  const text = comment.replaceAll(/^\/\/ /gm, '').trim();
  return `## ${name.replace('.ts', '')}\n\n${text}\n\n\`\`\`ts\n${code.trim()}\n\`\`\`\n`;
});
const intro = 'A short program for each job. Lines after `// ->` are what it prints; a test checks them.';
mkdirSync(join(root, 'coverage'), { recursive: true });
writeFileSync(
  join(root, 'coverage/recipes.md'),
  `---\ntitle: Recipes\ncategory: Guides\n---\n\n# Recipes\n\n${intro}\n\n${recipes.join('\n')}`,
);
