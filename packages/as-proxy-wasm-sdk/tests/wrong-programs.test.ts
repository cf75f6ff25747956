import { beforeAll, describe, expect, it } from "vitest";
import { COMPILE_TIME, compile, compileErrors, documentedExample, documentedFlags } from "./compile.ts";

const EXPORTS = [
  "proxy_abi_version_0_2_1",
  "proxy_on_memory_allocate",
  "proxy_on_context_create",
  "proxy_on_request_headers",
  "proxy_on_delete",
];

/** A filter whose request callback does this; `exported` is what its entry exports. */
function filter(statements: string, { exported = EXPORTS, members = "" } = {}): string {
  return `
import { ByteBuffer, NONE, Slice, copy, equal, lengthOf, persist, release, startsWith, sub, textOf } from "as-bytes/assembly";
import * as sdk from "as-proxy-wasm-sdk/assembly";
import { HeaderMap, HeadersStatus, HttpCall, RootContext, StreamContext } from "as-proxy-wasm-sdk/assembly";
export { ${exported.join(", ")} } from "as-proxy-wasm-sdk/assembly/exports";

const NAME = persist("x-name");
const SECRET = persist("secret");
const pairs = new sdk.PairsBuilder();
const buffer = new ByteBuffer();

class Root extends RootContext {
  createStream(id: u32): StreamContext {
    return new Stream(this);
  }
}

class Stream extends StreamContext {
  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    ${statements}
    return HeadersStatus.Continue;
  }
  ${members}
}

sdk.registerRoot((contextId: u32) => new Root());
`;
}

const refused = (source: string): Promise<string> => compileErrors(source, documentedFlags());

/** What the compiler says of each of these statements, which are all in one filter: compiling takes its time. */
async function refusalsOf(statements: readonly string[], around?: Parameters<typeof filter>[1]): Promise<string[]> {
  // Each in a block of its own, in a line that is found again in what the compiler says.
  const source = filter(statements.map((statement) => `{ ${statement} }`).join("\n"), around);
  const said = await compileErrors(`${source}\n${CALL}`, documentedFlags());
  const lines = source.split("\n");
  const errors = said.split(/^(?=ERROR|INFO)/m);
  return statements.map((statement) => {
    const line = lines.findIndex((text) => text.trim() === `{ ${statement} }`) + 1;
    return errors.filter((error) => error.includes(`entry-of-test.ts(${line},`)).join("\n");
  });
}

const CALL = "class Call extends HttpCall { onReply(headers: i32, size: i32, trailers: i32): void {} }";

it(
  "a number in the place of bytes does not compile, whatever it is and wherever it stands",
  { timeout: COMPILE_TIME },
  async () => {
    const statements = [
      "sdk.addHeader(HeaderMap.ResponseHeaders, NAME, 86400);",
      "sdk.addHeader(HeaderMap.ResponseHeaders, 7, NAME);",
      "sdk.replaceHeader(HeaderMap.ResponseHeaders, NAME, 0);",
      "const age: u64 = 60; sdk.replaceHeader(HeaderMap.ResponseHeaders, NAME, age);",
      "const age: i64 = 60; sdk.replaceHeader(HeaderMap.ResponseHeaders, NAME, age);",
      "sdk.replaceHeader(HeaderMap.ResponseHeaders, NAME, endOfStream);",
      "sdk.replaceHeader(HeaderMap.ResponseHeaders, NAME, changetype<usize>(this));",
      "sdk.replaceHeader(HeaderMap.ResponseHeaders, NAME, lengthOf(NAME));",
      "sdk.getHeader(HeaderMap.RequestHeaders, count);",
      "sdk.removeHeader(HeaderMap.RequestHeaders, count);",
      "sdk.sendLocalResponse(200, NONE, 404, null);",
      "sdk.setProperty(NAME, count);",
      "sdk.setSharedData(NAME, count);",
      "sdk.enqueueSharedQueue(1, 1);",
      "sdk.setBuffer(sdk.BufferType.HttpRequestBody, 0, 0, 1);",
      "sdk.logBytes(sdk.LogLevel.Info, 1);",
      "sdk.callForeignFunction(NAME, 1);",
      "sdk.defineMetric(sdk.MetricType.Counter, 1);",
      "new Call().dispatchFrom(this, 1, pairs, NONE, null, 0);",
      "pairs.add(NAME, 200);",
      "buffer.bytes(200);",
      "equal(NAME, 1);",
      "const x: Slice = 86400;",
      "let x = NONE; x = 5;",
      "const x: u64 = NAME;",
      "const list: Slice[] = [1, 2];",
    ];
    const refusals = await refusalsOf(statements, { exported: [...EXPORTS, "proxy_on_http_call_response"] });
    const passed = statements.filter(
      (_, i) =>
        !/Type '(Slice|\w+)' is not assignable to type '(Slice|u64)'/.test(refusals[i] ?? "") ||
        refusals[i]?.includes("bytes (a Slice) and a number") !== true,
    );
    expect(passed).toEqual([]);
  },
);

it("bytes that are compared by an operator do not compile", { timeout: COMPILE_TIME }, async () => {
  const statements = [
    "if (sdk.getHeader(HeaderMap.RequestHeaders, NAME) == SECRET) return HeadersStatus.StopIteration;",
    "if (sdk.getHeader(HeaderMap.RequestHeaders, NAME) != SECRET) return HeadersStatus.StopIteration;",
    "if (SECRET === sdk.getProperty(NAME)) return HeadersStatus.StopIteration;",
    "if (SECRET < NAME) return HeadersStatus.StopIteration;",
    "if (SECRET >= NAME) return HeadersStatus.StopIteration;",
  ];
  const refusals = await refusalsOf(statements, { exported: [...EXPORTS, "proxy_on_http_call_response"] });
  const passed = statements.filter((_, i) => refusals[i]?.includes("equal(a, b) compares bytes") !== true);
  expect(passed).toEqual([]);
});

it("nor do lists and maps that would compare them so", { timeout: COMPILE_TIME }, async () => {
  const said = await refused(
    filter(`
    if ([NAME].includes(SECRET)) return HeadersStatus.StopIteration;
    const both = new Map<Slice, i32>();
    both.set(NAME, 1);`),
  );
  expect(said).toMatch(/equal\(a, b\) compares bytes[^]*?in ~lib\/array\.ts/);
  expect(said).toMatch(/equal\(a, b\) compares bytes[^]*?in ~lib\/map\.ts/);
});

it("bytes may be cast, compared with NONE, kept in lists and passed on", { timeout: COMPILE_TIME }, async () => {
  const statements = `
    const value = sdk.getHeader(HeaderMap.RequestHeaders, NAME);
    if (value == NONE || NONE != value || !value) sdk.addHeader(HeaderMap.RequestHeaders, NAME, SECRET);
    const kept: Slice[] = [value, copy(SECRET), <Slice>(<u64>value)];
    const numbers = new StaticArray<u64>(2);
    numbers[0] = 5;
    if (startsWith(kept[0], sub(SECRET, 1)) || <u64>value == numbers[0]) release(kept[1]);
    sdk.logInfo(textOf(value) + buffer.decimal(86400).length.toString());`;
  await expect(compile(filter(statements), documentedFlags())).resolves.toBeDefined();
});

it("a method whose callback the entry does not export does not compile", { timeout: COMPILE_TIME }, async () => {
  const members = `
    onLog(): void {}
    override onResponseHeaders(count: i32, end: bool): HeadersStatus { return HeadersStatus.Continue; }
    override onDone(): bool { return true; }`;
  const between = `abstract class Between extends StreamContext {
    override onRequestBody(size: i32, end: bool): sdk.DataStatus { return sdk.DataStatus.StopIterationAndBuffer; }
  }`;
  const source = filter("", { members })
    .replace("class Stream extends StreamContext", "class Stream extends Between")
    .replace("createStream", "override onTick(): void {}\n  createStream");
  const said = await refused([source, between, CALL].join("\n"));
  const methods = {
    "Stream.onLog": "proxy_on_log",
    "Stream.onResponseHeaders": "proxy_on_response_headers",
    "Stream.onDone": "proxy_on_done",
    "Between.onRequestBody": "proxy_on_request_body",
    "Root.onTick": "proxy_on_tick",
    "Call.onReply": "proxy_on_http_call_response",
  };
  for (const [method, callback] of Object.entries(methods)) {
    expect(said).toContain(`${method} is never called: the entry is to have export { ${callback} }`);
  }
  const exported = [...EXPORTS, ...Object.values(methods)];
  const complete = [source.replace(EXPORTS.join(", "), exported.join(", ")), between, CALL].join("\n");
  await expect(compile(complete, documentedFlags())).resolves.toBeDefined();
});

it("an entry without what no filter can do without does not compile", { timeout: COMPILE_TIME }, async () => {
  const said = await refused(filter("", { exported: ["proxy_on_request_headers"] }));
  for (const name of EXPORTS.filter((other) => other !== "proxy_on_request_headers")) {
    expect(said).toContain(`the entry is to have export { ${name} }`);
  }
});

describe("a compiler option that is missing is named:", () => {
  let flags: string[];
  beforeAll(() => {
    flags = documentedFlags();
  });

  function without(option: string): string[] {
    const at = flags.indexOf(option);
    expect(at).toBeGreaterThanOrEqual(0);
    return [...flags.slice(0, at), ...flags.slice(at + 2)];
  }

  it.each(["--runtime", "--exportStart", "--use"])("%s", { timeout: COMPILE_TIME }, async (option) => {
    const said = await compileErrors(documentedExample(), without(option));
    expect(said).toContain(`missing compiler options:\n  ${option} `);
    expect(said).toContain("asconfig.json");
    expect(said).not.toContain("Duplicate identifier");
  });

  it.each(["minimal", "incremental"])("the transform itself, with the %s runtime", async (runtime) => {
    const said = await compileErrors(documentedExample(), [
      ...without("--transform").filter((flag) => flag !== "--runtime" && flag !== "minimal"),
      "--runtime",
      runtime,
    ]);
    expect(said).toContain("as-proxy-wasm-sdk needs its transform");
    expect(said).not.toContain("Duplicate identifier");
  });
});
