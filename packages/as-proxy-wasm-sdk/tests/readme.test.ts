import { ProxyHost } from "proxy-wasm-host";
import { expect, it } from "vitest";
import { COMPILE_TIME, compile, documentedExample, documentedFlags } from "./compile.ts";

it(
  "the README's example compiles with the README's flags and does what it says",
  async () => {
    const module = await compile(documentedExample(), documentedFlags());
    const proxy = await ProxyHost.create({ module });
    const stream = proxy.addPlugin({ rootId: "hello", configuration: "" }).openStream();
    stream.sendRequestHeaders([[":path", "/here"]], { endOfStream: true });
    stream.respond({ status: 200 });
    expect(stream.request.headers.get("x-path")).toBe("/here");
    expect(stream.response?.headers.get("x-hello")).toBe("world");
  },
  COMPILE_TIME,
);
