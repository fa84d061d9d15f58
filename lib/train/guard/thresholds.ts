// Every threshold of the guard, each with its reason. Where one says "healthy", it means the recorded runs in
// test/fixtures/trajectories and the published ones; docs/guard.md has the formulas.

/** When the signs of single steps become a finding. */
export interface Persistence {
  /** Of the last `within` steps, those with a sign that it takes to be told of. */
  warnAfter: number
  /** Of the last `within` steps, those with a grave sign that it takes to be acted on. */
  badAfter: number
  /** Steps looked at; never fewer than `warnAfter` and `badAfter`. */
  within: number
}

const inEach = (warnAfter: number, badAfter: number): Persistence => ({ warnAfter, badAfter, within: badAfter })
const threeOfFive: Persistence = { warnAfter: 1, badAfter: 3, within: 5 }

/** The thresholds that every detector has where it is given none. */
export const defaultThresholds = {
  /** A step whose loss is no number teaches nothing, and the next would not either: one is enough. */
  notANumber: inEach(1, 1),
  /**
   * Eight steps without any two rewards of a group that differ: no gradient at all in that time. Where some answers were right
   * before, so many are awaited that to see none has a chance below e^−9; where none ever was, 256 answers rule out, at 90%, that
   * one in a hundred is right.
   */
  equalRewards: {
    ...inEach(1, 1),
    /** Steps running with equal rewards that are a sign. */
    warnSteps: 4,
    /** Steps running with equal rewards that may be a grave sign. */
    badSteps: 8,
    /** Answers of these steps, none of them right, from which on that is grave, where none was right before either. */
    fewestAnswers: 256,
    /** Right answers to be expected of these steps, by the rate of those before, from which on none at all is grave. */
    fewestExpected: 9,
    /** Share of the finished answers that were right in the last steps before: from there on it is success that all are, and not grave. */
    solvedFrom: 0.9,
  },
  /** Answers come to an end, none is right and next to none can be read. A base model that learns the form is read now and then. */
  unparsed: {
    ...inEach(3, 6),
    /** Of a step's finished answers, those that the reward could not read: a grave sign from there on, where none was right. */
    share: 0.95,
    /** Finished answers of a step; fewer say nothing. */
    fewestFinished: 8,
  },
  /**
   * Norms of gradients are log-normal, near enough; healthy ones stay within 2.5 times the median of their stage. A new stage
   * may change the scale itself. One spike is clipped and forgotten; three in five steps are no accident.
   */
  gradientSpike: {
    ...threeOfFive,
    /** How far above its median the norm's logarithm must be, in robust deviations (1.4826 · MAD) of the earlier ones. */
    deviations: 8,
    /** How many times the median the norm must be, at least. */
    factor: 5,
    /** The same where the stage has too few steps, and those of all stages are looked at. */
    factorAcrossStages: 20,
    /** Earlier steps with a gradient that it takes to compare. */
    fewestSteps: 6,
  },
  /** Of an update, in nats a token: healthy ones are below 0.01, and a clip of 0.2 cannot hold what is ten times that. */
  updateSize: {
    ...threeOfFive,
    /** The step's rolloutKl, in nats a token, above which it is a grave sign where it passes `factor` too. */
    nats: 0.1,
    /** How many times its median in the steps before the step's rolloutKl must pass, beside `nats`. */
    factor: 10,
  },
  /**
   * In nats a token. Runs that are held to their reference come to rest below; a small model may pass that while its reward rises.
   * Times its weight it is weighed against advantages near 1, and no reward is worth the greater part of one. Three times as much
   * within a dozen steps, for no reward or at such a price, is a term that pushes where it should hold.
   */
  referenceKl: {
    ...inEach(1, 2),
    /** The KL to the reference, in nats a token, above which a rise is grave while the reward has not risen too. */
    nats: 0.6,
    /** The KL times its weight above which a rise is grave whatever the reward does. */
    weighted: 0.7,
    /** How many times what it was before, at least. */
    factor: 3,
    /** Steps before that it takes to compare, of 8: it begins at 0, and a rise from there says nothing. */
    fewestBefore: 8,
  },
  /** Healthy runs lose half of their entropy in ten steps at the very fastest. */
  entropyCollapse: {
    ...inEach(1, 3),
    /** Of the entropy before: a sign at or below this. */
    warnRatio: 0.4,
    /** Of the entropy before: a grave sign at or below this. */
    badRatio: 0.2,
    /** The entropy before, in nats a token, below which nothing is left to lose. */
    fewestNats: 0.005,
  },
  /** Healthy entropy falls, or rises slowly where a bonus holds it. */
  entropyRunaway: {
    ...inEach(1, 3),
    /** Times the entropy before: a sign above this, and a grave one beside a fall of the reward. */
    warnRatio: 1.5,
    /** Times the entropy before: a grave sign above this. */
    badRatio: 2.5,
    /** The rise, in nats a token, that it takes beside the ratio. */
    fewestNats: 0.1,
  },
  /**
   * Lengths within a healthy stage change by a fifth from steps to steps, by the draw of the problems; those that grow by learning
   * take hundreds of steps to double. Who doubles them in a dozen and runs into the limit is grave without a fall of the reward too.
   */
  lengthRunaway: {
    ...inEach(1, 3),
    /** Times the mean length before: a sign above this, and a grave one beside a fall of the reward. */
    warnRatio: 1.5,
    /** Rise of the share of truncated answers, 0 to 1: the same sign above this. */
    warnTruncatedRise: 0.3,
    /** Times the mean length before: a grave sign above this, where `badTruncatedRise` is passed too. */
    badRatio: 2,
    /** Rise of the share of truncated answers, 0 to 1, that `badRatio` must go with. */
    badTruncatedRise: 0.15,
  },
  /**
   * A fall to less than half, for good, is a collapse whatever else shows. Beside a runaway a smaller one, `aside`, makes it
   * grave. Both must stand out from the noise of the steps.
   */
  rewardFall: {
    ...inEach(1, 3),
    /** Share of the mean reward before that it must have lost; grave. */
    fall: 0.5,
    /** Standard errors of the difference that it must have lost too. */
    deviations: 5,
    /** The same share beside a runaway of entropy or length, which it makes grave. */
    fallAside: 0.15,
    /** The standard errors that go with it. */
    deviationsAside: 2.5,
  },
  /** Below one in fifty in healthy runs. A base model may begin with many loops, so it is the rise that counts. */
  repetition: {
    ...inEach(2, 4),
    /** Share of the answers that end in a loop: a grave sign from there on, where it has risen by `rise` too. */
    share: 0.25,
    /** Least rise of that share, 0 to 1, since the steps before. */
    rise: 0.2,
  },
}

/** Every threshold of every detector. */
export type Thresholds = typeof defaultThresholds
/** What the guard can find: the names of its detectors. */
export type FindingKind = keyof Thresholds
/** All of them, in the order in which they are asked. */
export const findingKinds = Object.keys(defaultThresholds) as FindingKind[]
