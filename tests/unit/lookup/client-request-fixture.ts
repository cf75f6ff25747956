import { UnitModule } from "../support/unit-module.ts";

type Bytes = string | Uint8Array;

/** A request in the module, built header by header, and what the module makes of it. Each has a module of its own. */
export class TestRequest {
  private readonly module = new UnitModule();
  private readonly functions = {
    begin: this.module.function("beginRequest", [], "void"),
    addHeader: this.module.function("addHeader", ["bytes", "bytes"], "void"),
    headersRead: this.module.function("headersRead", [], "text"),
    propertyOf: this.module.function("propertyOf", ["text", "bytes", "i32"], "optionalBytes"),
    pathSegments: this.module.function("pathSegments", ["i32", "i32"], "text"),
    fillTemplate: this.module.function("fillTemplate", ["text", "i32", "optionalBytes", "bytes"], "optionalBytes"),
    configure: this.module.function("configure", ["bytes"], "text"),
    matches: this.module.function("matches", [], "bool"),
    restOfMatch: this.module.function("restOfMatch", [], "optionalBytes"),
    buildKey: this.module.function("buildKey", [], "optionalBytes"),
  };

  readonly pathSegments = this.functions.pathSegments;

  constructor() {
    this.begin();
  }

  /** Forgets all headers and what was read. */
  begin(): this {
    this.functions.begin();
    return this;
  }

  with(name: string, value: Bytes): this {
    this.functions.addHeader(name, value);
    return this;
  }

  /** What was read from the host since `begin`, in its order. */
  headersRead(): string[] {
    const names = this.functions.headersRead();
    return names === "" ? [] : names.split(" ");
  }

  property(property: string, name = "", index = 0): string | null {
    return textOf(this.propertyBytes(property, name, index));
  }

  propertyBytes(property: string, name = "", index = 0): Uint8Array | null {
    return this.functions.propertyOf(property, name, index);
  }

  /** Uses the first lookup of this configuration for the methods below. */
  configure(config: unknown): this {
    const errors = this.errorsOf(config);
    if (errors !== "") throw new Error(errors);
    return this;
  }

  errorsOf(config: unknown): string {
    return this.functions.configure(JSON.stringify(config));
  }

  matches(): boolean {
    return this.functions.matches();
  }

  /** What the match left of the path, after `matches`. */
  rest(): string | null {
    return textOf(this.functions.restOfMatch());
  }

  /** The lookup's key for the request, after `matches`. */
  key(): Uint8Array | null {
    return this.functions.buildKey();
  }

  fill(template: string, encoding: number, rest: Bytes | null, record = ""): Uint8Array | null {
    return this.functions.fillTemplate(template, encoding, rest, record);
  }
}

export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("utf8");
}
