// What may go wrong between us and a server, by what is to be done about it.
import { LengthenError } from '../../errors.js'

/** The evaluation cannot go on: the server refuses the key, does not know the model, or answers nobody. */
export class ServerError extends LengthenError {}

/** This request may succeed another time. */
export class PassingFailure extends LengthenError {
  /** `retryAfterMs`: what the server asked for. `isForAll`: it concerns every request, as a rate limit does. */
  constructor(
    message: string,
    readonly retryAfterMs?: number | undefined,
    readonly isForAll = false,
  ) {
    super(message)
  }
}

/** This request fails however often it is made. */
export class LastingFailure extends LengthenError {
  constructor(
    message: string,
    readonly status?: number | undefined,
  ) {
    super(message)
  }
}
