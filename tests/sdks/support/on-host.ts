import { type HeaderMap, type Plugin, ProxyHost } from "proxy-wasm-host";
import { ALLOWED, AUTHORIZER, CONFIGURATION, type Edge, FILTERS, type Language, moduleOf } from "./edge.ts";

/** The filters of a language as modules of one proxy of the test host. */
export async function hostWith(language: Language): Promise<Edge> {
  const [first, ...others] = FILTERS.map((name) => ({ module: moduleOf(language, name), vmId: name }));
  if (first === undefined) throw new Error("there are filters");
  const proxy = await ProxyHost.create({ ...first, clusters: [AUTHORIZER] });
  const modules = [proxy, ...(await Promise.all(others.map((other) => proxy.addModule(other))))];
  const plugins = new Map<string, Plugin>(
    modules.map((module, i) => {
      const name = FILTERS[i] ?? "";
      return [name, module.addPlugin({ rootId: name, configuration: CONFIGURATION })];
    }),
  );
  return {
    get: (chain, path) => {
      const filters = chain.map((name) => plugins.get(name)).filter((plugin) => plugin !== undefined);
      const stream = proxy.openStream(filters);
      stream.sendRequestHeaders({ ":method": "GET", ":scheme": "http", ":authority": "example.com", ":path": path });
      for (const call of proxy.calls) call.reply({ status: call.headers.get(":path") === ALLOWED ? 200 : 401 });
      const { state, headers } = stream.request;
      if (state === "forwarded") stream.respond({ status: 200, body: "ok" });
      if (proxy.violations.length > 0) throw new Error(proxy.violations.join("\n"));
      return Promise.resolve({
        status: stream.response?.status ?? 0,
        headers: view(stream.response?.headers),
        body: stream.response?.text ?? "",
        upstream: state === "forwarded" ? view(headers) : undefined,
      });
    },
    log: () => proxy.logs.map(({ message }) => message).join("\n"),
    stop: () => Promise.resolve(),
  };
}

function view(headers: HeaderMap | undefined): Record<string, string | undefined> {
  return Object.fromEntries([...(headers ?? [])].map(([name, value]) => [name, value]));
}
