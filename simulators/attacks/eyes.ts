// What attacks on our own agent begin with: the eyes that the scenario gives into their hands.
import type { Eyes, Foothold } from './attack.ts'

/** The player has looked already that they are there. */
export function eyesOf({ eyes }: Foothold): Eyes {
  if (eyes === null) throw new Error('no agent of ours is within reach')
  return eyes
}
