import { ProxyHost } from "proxy-wasm-host";
import type { Plugin } from "proxy-wasm-host";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";
import { messages } from "./host.ts";

let module: Uint8Array;
let proxy: ProxyHost;

beforeAll(async () => {
  module = await compileFilter("tenant");
}, COMPILE_TIME);

beforeEach(async () => {
  proxy = await ProxyHost.create({ module, vmConfiguration: "shared", clusters: ["backend"] });
});

/** Which root's configuration a request through this plugin sees, on its way there and back. */
function tenantSeenBy(plugin: Plugin): string | undefined {
  const stream = plugin.openStream();
  stream.sendRequestHeaders([[":path", "/"]], { endOfStream: true });
  const there = stream.request.headers.get("x-tenant");
  stream.respond({ status: 200 });
  const back = stream.response?.headers.get("x-tenant");
  stream.end();
  expect(back).toBe(there);
  return there;
}

describe("several roots in one VM", () => {
  it("each have the streams of their own plugin", () => {
    const acme = proxy.addPlugin({ rootId: "a", configuration: "acme" });
    const brio = proxy.addPlugin({ rootId: "b", configuration: "brio" });
    expect([acme, brio, acme].map(tenantSeenBy)).toEqual(["acme", "brio", "acme"]);
  });

  it("start the VM once with its configuration", () => {
    proxy.addPlugin({ rootId: "a", configuration: "acme" });
    expect(messages(proxy)).toContain("vm started with 'shared'");
  });

  it("serve a stream in flight with the configuration it began under, while new streams have the new one", () => {
    const plugin = proxy.addPlugin({ rootId: "a", configuration: "acme" });
    const old = plugin.openStream();
    old.sendRequestHeaders([[":path", "/"]], { endOfStream: true });
    expect(plugin.update("brio")).toBe(true);
    expect(tenantSeenBy(plugin)).toBe("brio");
    old.respond({ status: 200 });
    expect(old.response?.headers.get("x-tenant")).toBe("acme");
  });

  it("keep the old configuration when the new one is refused", () => {
    const plugin = proxy.addPlugin({ rootId: "a", configuration: "acme" });
    expect(plugin.update("refused")).toBe(false);
    expect(tenantSeenBy(plugin)).toBe("acme");
  });
});

describe("the end of a root", () => {
  it("comes when its last stream has gone: done, then deleted", () => {
    const plugin = proxy.addPlugin({ rootId: "a", configuration: "acme" });
    const last = plugin.openStream();
    last.sendRequestHeaders([[":path", "/"]], { endOfStream: true });
    plugin.remove();
    expect(messages(proxy)).not.toContain("done: acme");
    last.end();
    const said = messages(proxy);
    expect(said.indexOf("done: acme")).toBeGreaterThan(said.indexOf("logged for acme"));
    expect(said.indexOf("deleted: acme")).toBeGreaterThan(said.indexOf("done: acme"));
  });

  it("leaves no call behind", () => {
    proxy.addPlugin({ rootId: "a", configuration: "acme" }).remove();
    expect(messages(proxy)).toContain("a last call says 2");
    expect(proxy.calls).toHaveLength(0);
  });

  it("can wait until the root says that it is done", () => {
    const plugin = proxy.addPlugin({ rootId: "a", configuration: "lingers" });
    plugin.remove();
    expect(messages(proxy)).toContain("too early a done says 1");
    expect(messages(proxy)).not.toContain("deleted: lingers");
    proxy.clock.advance(100);
    expect(messages(proxy)).toContain("done says 0");
    expect(messages(proxy)).toContain("deleted: lingers");
  });
});
