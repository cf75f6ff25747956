import { NONE, Slice } from "as-bytes/assembly";
import { RedisError, RedisErrorScope } from "../webdis/redis-error";

/** Why a call was not made: see `Breaker`. */
export const BREAKER_OPEN: string = "breaker open";

/** Where an answer came from, or is asked for, in the order in which they are asked. */
export enum Tier {
  None,
  Local,
  Webdis,
  Service,
}

/** Why a tier could not answer. */
export enum FailureClass {
  None,
  /** No answer within the time limit, or a 504 whoever says it. */
  Timeout,
  /** Connect error, reset, unknown cluster, 429, 5xx but 504, Redis or Webdis refusing everything. */
  Unavailable,
  /** An answer that makes no sense: not RESP, an error about the key, bad JSON, bad values, too large, another status. */
  Invalid,
  /** Too many calls are out already. */
  Overload,
}

/** The word for a tier in the debug header, in logs and in metric names. */
export function tierName(tier: Tier): string {
  switch (tier) {
    case Tier.Local:
      return "local";
    case Tier.Webdis:
      return "webdis";
    case Tier.Service:
      return "service";
    default:
      return "none";
  }
}

/** The word for a failure class in configuration, in the debug header and in logs. */
export function failureName(failure: FailureClass): string {
  switch (failure) {
    case FailureClass.Timeout:
      return "timeout";
    case FailureClass.Unavailable:
      return "unavailable";
    case FailureClass.Invalid:
      return "invalid";
    case FailureClass.Overload:
      return "overload";
    default:
      return "none";
  }
}

/** What one tier said to one question. Exactly one of found, missing and failed. */
export class TierAnswer {
  private constructor(
    /** Whether there is a record, or what should be one. */
    readonly isFound: bool,
    /** The record's JSON, when found; good as long as the reply it is part of. */
    readonly document: Slice,
    /** Why there is no answer; `None` when found or missing. */
    readonly failure: FailureClass,
    /** For people: what exactly went wrong. */
    readonly reason: string,
    /** Whether it tells that the tier as a whole is in trouble, and not just this question. */
    readonly isOutage: bool,
    /** Which error Redis replied with, see `REDIS_ERRORS`; -1 where it is none. */
    readonly redisError: i32 = -1,
  ) {}

  static found(document: Slice): TierAnswer {
    return new TierAnswer(true, document, FailureClass.None, "", false);
  }

  static missing(): TierAnswer {
    return new TierAnswer(false, NONE, FailureClass.None, "", false);
  }

  static failed(failure: FailureClass, reason: string): TierAnswer {
    const isOutage = failure == FailureClass.Timeout || failure == FailureClass.Unavailable;
    return new TierAnswer(false, NONE, failure, reason, isOutage);
  }

  /** A reply that such a tier never gives: something else is answering in its place. */
  static foreign(reason: string): TierAnswer {
    return new TierAnswer(false, NONE, FailureClass.Invalid, reason, true);
  }

  /** Webdis refuses the command, or does not take the credentials. */
  static refusedByWebdis(status: i32, isOutage: bool): TierAnswer {
    return new TierAnswer(false, NONE, FailureClass.Unavailable, "webdis " + status.toString(), isOutage);
  }

  /**
   * Redis answers with an error. One that refuses only writes is no outage for the `isWrite` that it answers: reads must
   * not be kept from a Redis that is full or a replica.
   */
  static refusedByRedis(error: RedisError, isWrite: bool): TierAnswer {
    const isWhole = error.scope != RedisErrorScope.Question;
    const failure = isWhole ? FailureClass.Unavailable : FailureClass.Invalid;
    const isOutage = isWhole && !(isWrite && error.scope == RedisErrorScope.Writes);
    return new TierAnswer(false, NONE, failure, "redis " + error.shown, isOutage, error.kind);
  }

  get isFailed(): bool {
    return this.failure != FailureClass.None;
  }
}
