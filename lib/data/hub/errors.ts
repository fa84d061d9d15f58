// What can go wrong with the hub, and whether another attempt may help.
import { LengthenError } from '../../errors.js'

/** The hub did not give what was asked of it. */
export class HubError extends LengthenError {
  /** The last answer's, where there was one. */
  readonly status: number | undefined
  /** No answer came, so there may be no network. */
  readonly isUnreachable: boolean

  constructor(
    message: string,
    {
      status,
      isUnreachable = false,
      ...options
    }: ErrorOptions & { status?: number | undefined; isUnreachable?: boolean } = {},
  ) {
    super(message, options)
    this.status = status
    this.isUnreachable = isUnreachable
  }
}

interface PassingFacts {
  status?: number
  retryAfterMs?: number | undefined
  /** The attempt brought something new. */
  hasProgress?: boolean
  /** No answer came. */
  isUnreachable?: boolean
  cause?: unknown
}

/** One attempt failed in a way that the next may not. */
export class PassingFailure extends Error {
  constructor(
    message: string,
    readonly about: PassingFacts = {},
  ) {
    super(message, { cause: about.cause })
  }
}
