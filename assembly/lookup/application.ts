import { ByteBuffer, Slice, lengthOf } from "as-bytes/assembly";
import { ApplyConfig } from "../config/apply-config";
import { SampleOf, sampleOf } from "../config/template-sample";
import { ClientRequest } from "../request/client-request";
import { RecordSource } from "../request/record-source";
import { Encoding, MAX_FILLED, Template } from "../request/template";
import { ChangesWriter } from "../route/changes";
import { isFieldValue } from "../text/header-value";
import { isValidAuthority, isValidBuiltPath } from "../text/url";

/** When a change that `apply` asks for can be worked out. */
export enum Stage {
  /** As soon as the record is there: it depends on nothing else, and the result is stored. */
  Record,
  /** For each request anew. */
  Request,
}

/** What a record may change in all, in bytes: more than any proxy takes for headers. */
export const MOST_CHANGED: i32 = 256 * 1024;

/** Works out the changes that the configuration's `apply` makes of a record. */
export class Application {
  /** Why `append` said no. */
  problem: string = "";
  /** When `append` said no: whether the request is at fault, as with another one the record would do. */
  isMalformed: bool = false;

  /** Whether there is anything to work out for each request. */
  readonly needsRequest: bool;

  private value: ByteBuffer = new ByteBuffer();

  constructor(private config: ApplyConfig) {
    this.needsRequest = config.needsRequest;
  }

  /**
   * Writes the changes of one stage; one whose value is missing is left out, and so is a header that the request's values make
   * none that a message could carry. False when another one would not be valid: what was written before it is of no use then. `rest` is what the lookup's match left of the path.
   */
  append(into: ByteBuffer, stage: Stage, request: ClientRequest, rest: Slice, records: RecordSource): bool {
    const config = this.config;
    const writer = new ChangesWriter(into);
    this.isMalformed = false;
    const path = config.path;
    if (path && this.fills(path, stage, request, rest, Encoding.ApplyPath, records)) {
      if (this.isTooLong || !isValidBuiltPath(this.value.view())) {
        this.isMalformed = stage == Stage.Request && isValidBuiltPath(withRecord(path, Encoding.ApplyPath, records));
        return this.bad("path: not a path, or with a dot segment");
      }
      writer.setPath(this.value.view());
    }
    const host = config.host;
    if (host && this.fills(host, stage, request, rest, Encoding.Raw, records)) {
      if (this.isTooLong || !isValidAuthority(this.value.view())) {
        this.isMalformed = stage == Stage.Request && isValidAuthority(withRecord(host, Encoding.Raw, records));
        return this.bad("host: not a host");
      }
      writer.setHost(this.value.view());
    }
    for (let i = 0; i < config.headers.length; i++) {
      const header = config.headers[i];
      if (!this.fills(header.value, stage, request, rest, Encoding.Raw, records)) continue;
      if (this.isTooLong || !isFieldValue(this.value.view())) {
        // Any client can send such values: they are as good as missing, and the rest of the lookup holds.
        if (stage == Stage.Request && isFieldValue(withRecord(header.value, Encoding.Raw, records))) continue;
        return this.bad("headers: a value that no header can have");
      }
      writer.setHeader(header.name, this.value.view());
      if (into.length > MOST_CHANGED) {
        this.isMalformed = stage == Stage.Request && this.sizeWithRecord(records) <= MOST_CHANGED;
        return this.bad("too much to change");
      }
    }
    if (stage == Stage.Record) {
      for (let i = 0; i < config.removeHeaders.length; i++) writer.removeHeader(config.removeHeaders[i]);
    }
    return true;
  }

  private fills(
    template: Template,
    stage: Stage,
    request: ClientRequest,
    rest: Slice,
    encoding: Encoding,
    records: RecordSource,
  ): bool {
    const itsStage = template.needsOnlyRecord ? Stage.Record : Stage.Request;
    return itsStage == stage && template.append(this.value.clear(), request, rest, encoding, records);
  }

  /** How many bytes of header values a record makes, whatever the request sends. */
  private sizeWithRecord(records: RecordSource): i32 {
    let size = 0;
    const headers = this.config.headers;
    for (let i = 0; i < headers.length && size <= MOST_CHANGED; i++) {
      size += lengthOf(withRecord(headers[i].value, Encoding.Raw, records));
    }
    return size;
  }

  private get isTooLong(): bool {
    return this.value.length > MAX_FILLED;
  }

  private bad(problem: string): bool {
    this.problem = problem;
    return false;
  }
}

/** The template with the record's values, and harmless ones in the place of the request's. */
function withRecord(template: Template, encoding: Encoding, records: RecordSource): Slice {
  return sampleOf(template, SampleOf.Records, encoding, records);
}
