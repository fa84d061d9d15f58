// One problem of a data set.
/** One problem of a data set. */
export interface Row {
  /** Unique in its data set; the row's place where the data set gives none. */
  readonly id: string
  /** What is asked. */
  readonly problem: string
  /** What a grader compares with; any of several will do. */
  readonly answer?: string | readonly string[] | undefined
  /** Whatever else the data set says about the problem. */
  readonly [field: string]: unknown
}
