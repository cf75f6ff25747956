import { ProxyHost } from "proxy-wasm-host";
import type { Stream } from "proxy-wasm-host";
import { beforeAll, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";

let module: Uint8Array;

beforeAll(async () => {
  module = await compileFilter("reporter");
}, COMPILE_TIME);

/** Has the filter answer with this status and a body. */
async function answeredWith(status: number): Promise<Stream> {
  const proxy = await ProxyHost.create({ module });
  const stream = proxy.addPlugin({ rootId: "reporter", configuration: "" }).openStream();
  stream.sendRequestHeaders(
    [
      [":path", "/"],
      ["x-do", `local:${status}`],
    ],
    { endOfStream: true },
  );
  return stream;
}

it("a local response has the status, headers and body it was given", async () => {
  const { response } = await answeredWith(404);
  expect(response?.headers.get(":status")).toBe("404");
  expect(response?.text).toBe("a body");
});

it.each([204, 304])("a local %d has no body, whatever it was given", async (status) => {
  const { response } = await answeredWith(status);
  expect(response?.headers.get(":status")).toBe(String(status));
  expect(response?.body).toHaveLength(0);
});

it.each([100, 199, 600, 999])("a status %d, which no client understands, is a bad argument", async (status) => {
  const { response } = await answeredWith(status);
  expect(response?.headers.get(":status")).toBe("200");
  expect(
    Buffer.from(response?.body ?? "")
      .toString()
      .trim(),
  ).toBe("status 2");
});
