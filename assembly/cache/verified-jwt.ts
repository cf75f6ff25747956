/**
 * Whether a filter verified a JWT of the request's: its header may be gone by now. To ask the proxy costs more than all else
 * that is decided of a response, so that it is asked only where something depends on it.
 */
export abstract class VerifiedJwt {
  abstract get isThere(): bool;
}
