import { HeaderSource } from "../request/client-request";
import { VerifiedJwt } from "./verified-jwt";

/** A request that was sent upstream and its response, as far as the storing of the response depends on them. */
export class Exchange {
  request: HeaderSource;
  response: HeaderSource;
  /** The response's status. */
  status: i32 = 0;
  /** When the request was sent and when the response's headers came, in wall-clock milliseconds. */
  requestTime: i64 = 0;
  responseTime: i64 = 0;
  hasRequestBody: bool = false;
  /** Whether the response has trailers. */
  hasTrailers: bool = false;
  /** Whether the response's body is more than may be stored. */
  isTooLarge: bool = false;
  /** Whether the response ended before its time. */
  isIncomplete: bool = false;

  constructor(
    request: HeaderSource,
    response: HeaderSource,
    readonly verifiedJwt: VerifiedJwt,
  ) {
    this.request = request;
    this.response = response;
  }
}
