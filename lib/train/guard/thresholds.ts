// Every threshold of the guard, each with its reason. Where one says "healthy", it means the recorded runs in
// test/fixtures/trajectories and the published ones; docs/guard.md has the formulas.

/** When signs become findings; see findings.ts. */
export interface Persistence {
  /** Steps with a sign, of the last `within`, that are told of; */
  warnAfter: number
  /** steps with a grave sign, of the last `within`, that are acted on. */
  badAfter: number
  within: number
}

const inEach = (warnAfter: number, badAfter: number): Persistence => ({ warnAfter, badAfter, within: badAfter })

export const defaultThresholds = {
  /** A step whose loss is no number teaches nothing, and the next would not either: one is enough. */
  notANumber: inEach(1, 1),
  /**
   * Eight steps without any two rewards of a group that differ: no gradient at all in that time. Where some answers were right
   * before, so many are awaited that to see none has a chance below e^−9; where none ever was, 256 answers rule out, at 90%, that
   * one in a hundred is right.
   */
  equalRewards: { ...inEach(1, 1), warnSteps: 4, badSteps: 8, fewestAnswers: 256, fewestExpected: 9, solvedFrom: 0.9 },
  /** Answers come to an end, none is right and next to none can be read. A base model that learns the form is read now and then. */
  unparsed: { ...inEach(3, 6), share: 0.95, fewestFinished: 8 },
  /**
   * Norms of gradients are log-normal, near enough; healthy ones stay within 2.5 times the median of their stage. A new stage
   * may change the scale itself. One spike is clipped and forgotten; three in five steps are no accident.
   */
  gradientSpike: {
    ...{ warnAfter: 1, badAfter: 3, within: 5 },
    ...{ deviations: 8, factor: 5, factorAcrossStages: 20, fewestSteps: 6 },
  },
  /** Of an update, in nats a token: healthy ones are below 0.01, and a clip of 0.2 cannot hold what is ten times that. */
  updateSize: { ...{ warnAfter: 1, badAfter: 3, within: 5 }, nats: 0.1, factor: 10 },
  /**
   * In nats a token. Runs that are held to their reference come to rest below; a small model may pass that while its reward rises.
   * Times its weight it is weighed against advantages near 1, and no reward is worth the greater part of one. Three times as much
   * within a dozen steps, for no reward or at such a price, is a term that pushes where it should hold.
   */
  referenceKl: { ...inEach(1, 2), nats: 0.6, weighted: 0.7, factor: 3, fewestBefore: 8 },
  /** Healthy runs lose half of their entropy in ten steps at the very fastest. */
  entropyCollapse: { ...inEach(1, 3), warnRatio: 0.4, badRatio: 0.2, fewestNats: 0.005 },
  /** Healthy entropy falls, or rises slowly where a bonus holds it. */
  entropyRunaway: { ...inEach(1, 3), warnRatio: 1.5, badRatio: 2.5, fewestNats: 0.1 },
  /**
   * Lengths within a healthy stage change by a fifth from steps to steps, by the draw of the problems; those that grow by learning
   * take hundreds of steps to double. Who doubles them in a dozen and runs into the limit is grave without a fall of the reward too.
   */
  lengthRunaway: { ...inEach(1, 3), warnRatio: 1.5, warnTruncatedRise: 0.3, badRatio: 2, badTruncatedRise: 0.15 },
  /**
   * A fall to less than half, for good, is a collapse whatever else shows. Beside a runaway a smaller one, `aside`, makes it
   * grave. Both must stand out from the noise of the steps.
   */
  rewardFall: { ...inEach(1, 3), fall: 0.5, deviations: 5, fallAside: 0.15, deviationsAside: 2.5 },
  /** Below one in fifty in healthy runs. A base model may begin with many loops, so it is the rise that counts. */
  repetition: { ...inEach(2, 4), share: 0.25, rise: 0.2 },
}

export type Thresholds = typeof defaultThresholds
export type FindingKind = keyof Thresholds
export const findingKinds = Object.keys(defaultThresholds) as FindingKind[]
