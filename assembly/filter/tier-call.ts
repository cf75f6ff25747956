import { NONE, Slice, byteAt, empty, lengthOf, persist } from "as-bytes/assembly";
import { BufferType, HeaderMap, HttpCall, getBuffer, getHeader } from "as-proxy-wasm-sdk/assembly";
import { Dependency } from "../lookup/dependency";
import { Flight } from "../lookup/flight";
import { FailureClass, Tier, TierAnswer } from "../lookup/outcome";
import { MAX_WEBDIS_REPLY, RESET, serviceAnswer, webdisAnswer } from "../lookup/replies";
import { LookupDriver } from "./lookup-driver";

const STATUS = persist(":status");

/**
 * A call to a flight's present tier. It is made for the plugin, not for the stream whose request opened the flight, so
 * that it survives a client that goes away: others may wait for it, and the store wants its answer.
 */
export class TierCall extends HttpCall {
  constructor(
    private driver: LookupDriver,
    private flight: Flight,
    private dependency: Dependency,
  ) {
    super();
  }

  onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void {
    this.dependency.leave();
    const status = headerCount == 0 ? RESET : numberOf(getHeader(HeaderMap.HttpCallResponseHeaders, STATUS));
    this.driver.onAnswer(this.flight, this.read(status, bodySize));
  }

  /** Its root is being deleted, and with it everyone who could wait. */
  onDropped(): void {
    this.dependency.leave();
  }

  private read(status: i32, bodySize: i32): TierAnswer {
    const service = this.flight.lookup.config.service;
    const isWebdis = this.flight.tier == Tier.Webdis;
    const maxBytes = isWebdis ? MAX_WEBDIS_REPLY : service ? service.maxBytes : 0;
    const bytes = body(bodySize, maxBytes);
    // A body that the host cannot hand over is not an empty one.
    if (bytes == NONE) return TierAnswer.failed(FailureClass.Invalid, "unreadable");
    return isWebdis ? webdisAnswer(status, bytes) : serviceAnswer(status, bytes, maxBytes);
  }
}

/** The reply's body, or as much as shows that it is longer than `most`: what is too long is not worth copying. */
function body(size: i32, most: i32): Slice {
  return size == 0 ? empty() : getBuffer(BufferType.HttpCallResponseBody, 0, most + 1);
}

/** A three-digit status code; `RESET` for anything else. */
function numberOf(text: Slice): i32 {
  if (lengthOf(text) != 3) return RESET;
  let number = 0;
  for (let i = 0; i < 3; i++) {
    const digit = byteAt(text, i) - 0x30;
    if (digit < 0 || digit > 9) return RESET;
    number = number * 10 + digit;
  }
  return number;
}
