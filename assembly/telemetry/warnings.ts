import { ByteBuffer, Slice } from "as-bytes/assembly";

/** What goes wrong and is worth a line in the proxy's log. Each is about a cluster or a lookup, its subject. */
export enum Warning {
  /** A cluster does not answer, or not as it should; the detail is why. */
  Unanswered,
  /** A cluster's breaker has opened or closed; the detail is which. */
  Breaker,
  /** What a tier answered to a lookup is no record that it can use; the detail is why. */
  BadRecord,
  /** A cluster does not take what is to be written; the detail is why. */
  RejectedWrite,
  /** Writes were dropped because their queue was full. */
  FullQueue,
  /** The proxy has not done to requests what makes it safe to let them go on. */
  HostFailure,
}

/** So many milliseconds are between two lines about the same thing. */
const PAUSE: i64 = 60_000;

/** So many things are told apart at most; another one takes the place of the first. */
const MOST_TOLD: i32 = 256;

/** What makes a failure another thing than the same cluster's other failures, and what to look at. */
const HINTS: Array<string> = [
  "webdis 401",
  "check webdis.username and its password",
  "webdis 403",
  "check webdis.username and its password, and the commands that Webdis allows",
  "redis NOAUTH",
  "check redis_auth in Webdis' configuration",
  "redis WRONGPASS",
  "check redis_auth in Webdis' configuration",
  "unknown cluster",
  "check the cluster's name",
];

/** One thing that goes wrong, and when it was told last. */
class Told {
  last: i64 = 0;
  /** How often it was not told since. */
  untold: i32 = 0;
  /** What there was to say the last time. */
  detail: string = "";

  constructor(
    readonly warning: Warning,
    readonly subject: string,
    /** Tells apart what the warning and the subject do not. */
    readonly cause: string,
  ) {}
}

/**
 * Tells in the proxy's log what goes wrong: at once where it is new, and after that once a minute, with how often it was.
 * What is given to it must be neither a secret nor a key, nor anything else of a client's.
 */
export abstract class Warnings {
  private told: Array<Told> = [];
  private line: ByteBuffer = new ByteBuffer();
  private oldest: i32 = 0;

  /** `now` is in milliseconds. With a `cause`, the same warning for another cause is another thing. */
  raise(warning: Warning, subject: string, detail: string, now: i64, cause: string = ""): void {
    let told = this.find(warning, subject, cause);
    const isNew = told == null;
    if (!told) told = this.add(new Told(warning, subject, cause));
    told.detail = detail;
    if (isNew || now - told.last >= PAUSE) this.tell(told, now);
    else told.untold++;
  }

  /** To be called now and then: tells what went wrong since it was told last, once its pause is over. */
  flush(now: i64): void {
    for (let i = 0; i < this.told.length; i++) {
      const told = this.told[i];
      if (told.untold > 0 && now - told.last >= PAUSE) this.tell(told, now);
    }
  }

  protected abstract write(line: Slice): void;

  private find(warning: Warning, subject: string, cause: string): Told | null {
    for (let i = 0; i < this.told.length; i++) {
      const told = this.told[i];
      if (told.warning == warning && told.subject == subject && told.cause == cause) return told;
    }
    return null;
  }

  private add(told: Told): Told {
    if (this.told.length < MOST_TOLD) {
      this.told.push(told);
    } else {
      this.told[this.oldest] = told;
      this.oldest = (this.oldest + 1) % MOST_TOLD;
    }
    return told;
  }

  private tell(told: Told, now: i64): void {
    const line = this.line.clear();
    appendWarning(line, told.warning, told.subject, told.detail);
    // This time is one of them where it is told later.
    if (told.untold > 0) line.text("; ").decimal(told.untold).text(" more since it was told last");
    told.untold = 0;
    told.last = now;
    this.write(line.view());
  }
}

function appendWarning(line: ByteBuffer, warning: Warning, subject: string, detail: string): void {
  switch (warning) {
    case Warning.Unanswered:
      line.text("cluster ").text(subject).text(" does not answer: ").text(detail);
      return appendHint(line, detail);
    case Warning.Breaker:
      line.text("cluster ").text(subject).text(": ").text(detail);
      return;
    case Warning.BadRecord:
      line.text("lookup ").text(subject).text(": no valid record: ").text(detail);
      return;
    case Warning.RejectedWrite:
      line.text("cluster ").text(subject).text(" rejects writes: ").text(detail);
      return appendHint(line, detail);
    case Warning.FullQueue:
      line.text("cluster ").text(subject).text(": writes are dropped, webdis.writeQueue is full");
      return;
    default:
      line.text("the proxy has not done what was asked of it for a request: 503 (").text(detail).text(")");
  }
}

function appendHint(line: ByteBuffer, detail: string): void {
  for (let i = 0; i + 1 < HINTS.length; i += 2) {
    if (detail.endsWith(HINTS[i]))
      line
        .text(" (")
        .text(HINTS[i + 1])
        .text(")");
  }
}
