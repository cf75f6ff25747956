import { NONE, Slice, byteAt, endsWith, equal, isPresent, lengthOf, release, startsWith, sub } from "as-bytes/assembly";
import { ClientRequest } from "./client-request";
import { Needs } from "./needs";

const SLASH: i32 = 0x2f;

/** A pattern for a whole value, or for one of its ends: what `*` stands for is cut off. */
export class Pattern {
  constructor(
    /** The value, or the end of it that is compared. */
    public text: Slice,
    /** Whether there is more to the value than the text. */
    readonly isPartial: bool,
  ) {}

  dispose(): void {
    release(this.text);
    this.text = NONE;
  }
}

/** A header that has to be there, with this value or (`NONE`) any. */
export class HeaderPattern {
  constructor(
    public name: Slice,
    public value: Slice,
  ) {}

  dispose(): void {
    release(this.name);
    this.name = NONE;
    release(this.value);
    this.value = NONE;
  }
}

/** Which requests a lookup or the response cache is about. A list without patterns lets every request pass. */
export class Match {
  /** Hosts, normalized; partial ones are suffixes, dot included. */
  hosts: Array<Pattern> = [];
  /** Paths without query; partial ones are prefixes. */
  paths: Array<Pattern> = [];
  methods: Array<Slice> = [];
  headers: Array<HeaderPattern> = [];
  /** Whether anybody will look at `rest`: without path patterns nothing else may need the path. */
  wantsRest: bool = false;

  private matchedRest: Slice = NONE;

  /** What a request has to be read for to answer `matches`. */
  get needs(): i32 {
    return (
      (this.hosts.length > 0 ? Needs.HOST : Needs.NOTHING) |
      (this.paths.length > 0 || this.wantsRest ? Needs.PATH : Needs.NOTHING) |
      (this.methods.length > 0 ? Needs.METHOD : Needs.NOTHING) |
      (this.headers.length > 0 ? Needs.HEADERS : Needs.NOTHING)
    );
  }

  /**
   * Of the request that `matches` was last asked about: what follows the first matching path pattern, empty for an
   * exact one. Without patterns the path without its leading slash, if `wantsRest`.
   */
  get rest(): Slice {
    return this.matchedRest;
  }

  /** Whether the request is one of these. What is cheap to read, or needed anyhow, is compared first. */
  matches(request: ClientRequest): bool {
    return (
      this.matchesPath(request) &&
      this.matchesMethod(request) &&
      this.matchesHost(request) &&
      this.matchesHeaders(request)
    );
  }

  /** Whether it is for a URI of these requests, by whichever method and with whichever headers. */
  matchesUri(request: ClientRequest): bool {
    return this.matchesPath(request) && this.matchesHost(request);
  }

  dispose(): void {
    for (let i = 0; i < this.hosts.length; i++) this.hosts[i].dispose();
    for (let i = 0; i < this.paths.length; i++) this.paths[i].dispose();
    for (let i = 0; i < this.methods.length; i++) release(this.methods[i]);
    for (let i = 0; i < this.headers.length; i++) this.headers[i].dispose();
    this.hosts = [];
    this.paths = [];
    this.methods = [];
    this.headers = [];
  }

  private matchesPath(request: ClientRequest): bool {
    const paths = this.paths;
    if (paths.length == 0) {
      this.matchedRest = this.wantsRest ? withoutLeadingSlash(request.path) : NONE;
      return true;
    }
    const path = request.path;
    for (let i = 0; i < paths.length; i++) {
      const pattern = unchecked(paths[i]);
      if (pattern.isPartial ? startsWith(path, pattern.text) : equal(path, pattern.text)) {
        this.matchedRest = sub(path, lengthOf(pattern.text));
        return true;
      }
    }
    return false;
  }

  private matchesMethod(request: ClientRequest): bool {
    const methods = this.methods;
    if (methods.length == 0) return true;
    const method = request.method;
    for (let i = 0; i < methods.length; i++) {
      if (equal(method, unchecked(methods[i]))) return true;
    }
    return false;
  }

  private matchesHost(request: ClientRequest): bool {
    const hosts = this.hosts;
    if (hosts.length == 0) return true;
    const host = request.host;
    for (let i = 0; i < hosts.length; i++) {
      const pattern = unchecked(hosts[i]);
      if (pattern.isPartial ? isLongerAndEndsWith(host, pattern.text) : equal(host, pattern.text)) return true;
    }
    return false;
  }

  private matchesHeaders(request: ClientRequest): bool {
    const headers = this.headers;
    for (let i = 0; i < headers.length; i++) {
      const pattern = unchecked(headers[i]);
      const value = request.header(pattern.name);
      if (isPresent(pattern.value) ? !equal(value, pattern.value) : !isPresent(value)) return false;
    }
    return true;
  }
}

/** `*.example.com` is about what is below `example.com`: something stands for the star. */
function isLongerAndEndsWith(host: Slice, suffix: Slice): bool {
  return lengthOf(host) > lengthOf(suffix) && endsWith(host, suffix);
}

function withoutLeadingSlash(path: Slice): Slice {
  return byteAt(path, 0) == SLASH ? sub(path, 1) : path;
}
