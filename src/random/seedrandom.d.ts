/** One generator of seedrandom, in its own file, which seedrandom's types do not declare. */
declare module 'seedrandom/lib/alea.js' {
  import type seedrandom from 'seedrandom';

  const alea: typeof seedrandom.alea;
  export default alea;
}
