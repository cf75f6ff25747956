import { Slice, byteAt, lengthOf, persist, startsWith, sub, textOf } from "as-bytes/assembly";

/** What an error reply of Redis is about. */
export enum RedisErrorScope {
  /** The key or the command: Redis answers other questions. */
  Question,
  /** Redis as a whole: it answers nothing for now, or nothing to us. */
  Server,
  /** Redis as a whole, but only what writes: it may well answer reads. */
  Writes,
}

/**
 * The errors by which Redis refuses as a whole, by their first word, as metrics are named. Those before `FIRST_OF_WRITES`
 * refuse everything, or everything of a slot.
 */
const WORDS: Array<string> = [
  // Not ready: it starts, has lost its master, its cluster is not whole, moves a slot, or runs a script.
  "LOADING",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "BUSY",
  // Somebody else has the keys.
  "MOVED",
  "ASK",
  "REDIRECT",
  // It does not know us.
  "NOAUTH",
  "WRONGPASS",
  "DENIED",
  // Memory, disk, a replica, too few replicas.
  "OOM",
  "MISCONF",
  "READONLY",
  "NOREPLICAS",
];

const FIRST_OF_WRITES: i32 = WORDS.indexOf("OOM");

/** All other words, `ERR` among them. */
export const OTHER_REDIS_ERROR: i32 = WORDS.length;

/** So many kinds of errors are told apart; see `redisErrorName`. */
export const REDIS_ERRORS: i32 = OTHER_REDIS_ERROR + 1;

/** Errors of the whole server that do not say so by their first word, and what is shown of them. */
const TOO_MANY_CLIENTS = persist("ERR max number of clients");
/** Envoy's Redis proxy, for a cluster behind it. */
const NO_UPSTREAM = persist("no upstream host");
const UPSTREAM_FAILURE = persist("upstream failure");

/** Longer ones are no words. */
const MOST_WORD: i32 = 20;

const SPACE: i32 = 0x20;

/** An error that Redis replies with: its first word says what it is. */
export class RedisError {
  private constructor(
    readonly scope: RedisErrorScope,
    /** Which of `REDIS_ERRORS` it is. */
    readonly kind: i32,
    /** What may be shown of it: never more than fixed words, as the rest of an error may repeat keys. */
    readonly shown: string,
  ) {}

  /** `text` is what Redis says, without the `-` before it. */
  static of(text: Slice): RedisError {
    if (startsWith(text, TOO_MANY_CLIENTS)) return RedisError.whole("ERR max number of clients");
    if (startsWith(text, NO_UPSTREAM)) return RedisError.whole("no upstream host");
    if (startsWith(text, UPSTREAM_FAILURE)) return RedisError.whole("upstream failure");
    const word = firstWord(text);
    const kind = WORDS.indexOf(word);
    if (kind < 0) return new RedisError(RedisErrorScope.Question, OTHER_REDIS_ERROR, word);
    return new RedisError(kind < FIRST_OF_WRITES ? RedisErrorScope.Server : RedisErrorScope.Writes, kind, word);
  }

  private static whole(shown: string): RedisError {
    return new RedisError(RedisErrorScope.Server, OTHER_REDIS_ERROR, shown);
  }
}

/** The kind's name in metrics: its word in lower case, `other` for all that have none. */
export function redisErrorName(kind: i32): string {
  return kind >= 0 && kind < WORDS.length ? WORDS[kind].toLowerCase() : "other";
}

/** The word in capitals that an error begins with; `error` where it begins with none. */
function firstWord(text: Slice): string {
  let length = 0;
  while (isCapital(byteAt(text, length))) length++;
  const isWord = length > 0 && length <= MOST_WORD && (length == lengthOf(text) || byteAt(text, length) == SPACE);
  return isWord ? textOf(sub(text, 0, length)) : "error";
}


@inline
function isCapital(byte: i32): bool {
  return byte >= 0x41 && byte <= 0x5a;
}
