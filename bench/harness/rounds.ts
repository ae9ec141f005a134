/**
 * Measure each of `contenders` once per round, interleaved, so that what else the machine does falls on all
 * of them. The order turns by one from round to round: nobody always follows the same one.
 * @returns what was measured, by contender, in the order of the rounds
 */
export async function interleave<C, M>(
  contenders: readonly C[],
  rounds: number,
  measure: (contender: C, round: number) => Promise<M>,
): Promise<Map<C, M[]>> {
  const measured = new Map<C, M[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length]!;
      measured.get(contender)!.push(await measure(contender, round));
    }
  }
  return measured;
}
