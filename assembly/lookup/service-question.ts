import { ByteBuffer, Slice } from "as-bytes/assembly";
import { LookupConfig } from "../config/lookup-config";
import { ClientRequest } from "../request/client-request";
import { RecordSource } from "../request/record-source";
import { Encoding } from "../request/template";
import { ChangesWriter } from "../route/changes";
import { isFieldValue } from "../text/header-value";
import { isValidBuiltPath } from "../text/url";

/** What a service is asked with at most, in bytes: a flight keeps it until it lands. */
const MAX_PATH: i32 = 16 * 1024;
const MAX_HEADERS: i32 = 16 * 1024;

/** What a request asks the service of its lookup, used again from one request to the next. */
export class ServiceQuestion {
  /** When a rendering said no: why. */
  problem: string = "";
  /** When a rendering said no: whether the request is malformed for it, and does not just lack a value. */
  isMalformed: bool = false;

  private pathBuffer: ByteBuffer = new ByteBuffer();
  private headersBuffer: ByteBuffer = new ByteBuffer();
  private value: ByteBuffer = new ByteBuffer();

  constructor(private config: LookupConfig) {}

  /** Good until the next rendering. */
  get path(): Slice {
    return this.pathBuffer.view();
  }

  /** The headers of its own, as changes to an empty list; good until the next rendering. */
  get headers(): Slice {
    return this.headersBuffer.view();
  }

  /** Renders all of it; says yes where there is no service to ask. */
  render(request: ClientRequest, found: RecordSource): bool {
    if (!this.config.service) return true;
    return this.renderPath(request, found) && this.checkPath() && this.renderHeaders(request, found);
  }

  /** Renders the path only: whether the request has all values that it needs. */
  renderPath(request: ClientRequest, found: RecordSource): bool {
    const service = this.config.service;
    if (!service) return true;
    const rest = this.config.match.rest;
    if (service.path.append(this.pathBuffer.clear(), request, rest, Encoding.ServicePath, found)) return true;
    this.problem = "no service path";
    this.isMalformed = false;
    return false;
  }

  private checkPath(): bool {
    // Values grow by encoding, and every flight keeps what it asks.
    if (this.pathBuffer.length > MAX_PATH) return this.refuse("service path too long");
    // Encoding leaves dots as they are: a client's value could climb.
    return isValidBuiltPath(this.path) || this.refuse("dot segment in the service path");
  }

  private renderHeaders(request: ClientRequest, found: RecordSource): bool {
    const service = this.config.service;
    if (!service) return true;
    const writer = new ChangesWriter(this.headersBuffer.clear());
    for (let i = 0; i < service.headers.length; i++) {
      const header = service.headers[i];
      const rest = this.config.match.rest;
      if (!header.value.append(this.value.clear(), request, rest, Encoding.Raw, found)) continue;
      // A path segment or query parameter may decode to bytes that no header can carry: it is as good as missing.
      if (!isFieldValue(this.value.view())) continue;
      writer.setHeader(header.name, this.value.view());
      if (this.headersBuffer.length > MAX_HEADERS) return this.refuse("service headers too long");
    }
    return true;
  }

  private refuse(problem: string): bool {
    this.problem = problem;
    this.isMalformed = true;
    return false;
  }
}
