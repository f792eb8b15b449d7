// Which faces are chosen, in order. Pure.

/** What a click on a face does: alone, or added to (and taken from) those chosen before. */
export function choose(chosen: readonly number[], face: number, several: boolean): number[] {
  if (!several) return [face];
  return chosen.includes(face) ? chosen.filter((other) => other !== face) : [...chosen, face];
}
