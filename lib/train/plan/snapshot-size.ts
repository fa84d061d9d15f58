// What a checkpoint holds: the trained weights, their moments and the reference, each copied on the device so that training goes on
// while they are written.

/** Bytes of the copies. */
export const snapshotBytes = (of: { trained: number; moments: number; reference: number }): number =>
  of.trained + of.moments + of.reference
