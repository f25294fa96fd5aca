import { srn, srnLines, srnModel, type SrnStep } from '../../../pipelines/article/srn.js';
import type { Check } from '../checkGolden.js';

const AGREEMENT = { relative: 1e-12, absolute: 1e-12 };

export const sys1: Check = check('identity');
export const sys2: Check = check('tanh');

function check(nonlinearity: 'identity' | 'tanh'): Check {
  return ({ w, U: u, steps: expected, stdout }, compare) => {
    const inputs: number[][] = expected.map(({ input }: { input: number[] }) => input);
    const steps: SrnStep[] = [];
    srn(srnModel(nonlinearity, { w, u }), inputs).subscribe((step) => steps.push(step));
    for (const [i, { state_before: before, state_after: after, output }] of expected.entries()) {
      compare.close(`step ${i} state before`, steps[i]!.stateBefore, before, AGREEMENT);
      compare.close(`step ${i} state`, steps[i]!.state, after, AGREEMENT);
      compare.close(`step ${i} output`, steps[i]!.output, output, AGREEMENT);
    }
    if (!stdout) return;
    // a number's last digit may differ where ours is the better rounded one: numbers are compared as numbers
    const [ours, theirs] = [srnLines(inputs, steps).join('\n'), stdout.join('\n').trimEnd()];
    const number = /-?\d+\.?\d*(?:e[-+]\d+)?/g;
    compare.same('stdout between the numbers', ours.split(number), theirs.split(number));
    compare.close('stdout', numbers(ours), numbers(theirs), AGREEMENT);

    function numbers(text: string): number[] {
      return (text.match(number) ?? []).map(Number);
    }
  };
}
