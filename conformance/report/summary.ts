/** The summary of a run: how many verdicts of each outcome, and how many requirements nothing exercised. */

import type { Requirement } from '../requirements/requirement.ts';
import type { CaptureReport, Summary } from './report.ts';

/**
 * Counts the verdicts of all captures together. `notExercised` is counted once for the whole run: the requirements of disposition
 * `capture` among `requirements` (those the run was asked for) that no verdict of any capture is about.
 */
export const summarise = (captures: readonly CaptureReport[], requirements: readonly Requirement[]): Summary => {
  const counts = { pass: 0, warn: 0, fail: 0, inconclusive: 0 };
  const exercised = new Set<string>();
  for (const capture of captures) {
    for (const verdict of capture.verdicts) {
      counts[verdict.verdict]++;
      exercised.add(verdict.requirement);
    }
  }
  const notExercised = requirements.filter(({ disposition, id }) => disposition === 'capture' && !exercised.has(id)).length;
  return { ...counts, notExercised };
};
