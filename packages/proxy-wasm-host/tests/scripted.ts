import { type Plugin, ProxyHost, type ProxyHostOptions, type Stream } from "../src/index.ts";
import { compileFixture } from "./compile.ts";

/** What the scripted filter does in each of its callbacks. */
export type Script = Readonly<Record<string, readonly string[]>>;

/** A script as the filter reads it from its configuration. */
export function scriptText(script: Script): string {
  return Object.entries(script)
    .map(([callback, operations]) => `${callback}: ${operations.join(" | ")}`)
    .join("\n");
}

/** A proxy with the scripted filter (see tests/assembly/scripted.ts), and short words for what it says. */
export class Scripted {
  readonly proxy: ProxyHost;
  readonly plugin: Plugin;
  #read = 0;

  private constructor(proxy: ProxyHost, plugin: Plugin) {
    this.proxy = proxy;
    this.plugin = plugin;
  }

  static async create(script: Script, options: Partial<ProxyHostOptions> = {}): Promise<Scripted> {
    const module = await compileFixture("scripted");
    const proxy = await ProxyHost.create({ module, clusters: ["backend"], logLevel: "debug", ...options });
    const scripted = new Scripted(proxy, proxy.addPlugin({ rootId: "root", configuration: scriptText(script) }));
    // What a test asks for comes after the start.
    if (script["configure"] === undefined) scripted.log();
    return scripted;
  }

  /** What has been logged since the last time: operations and callbacks, each in one line. */
  log(): string[] {
    const lines = this.proxy.logs.slice(this.#read).map(({ message }) => message);
    this.#read = this.proxy.logs.length;
    return lines;
  }

  /** The operations among them: `get request x -> 0 'value'`. */
  operations(): string[] {
    return this.log().filter((line) => line.includes(" -> "));
  }

  /** The callbacks among them: `request_headers 2 3 1`, with the context's id first. */
  callbacks(): string[] {
    return this.log().filter((line) => !line.includes(" -> "));
  }

  /** A request of headers alone. */
  get(path = "/", headers: Record<string, string> = {}): Stream {
    const all = { ":authority": "example.com", ":path": path, ":method": "GET", ":scheme": "http", ...headers };
    return this.plugin.openStream().sendRequestHeaders(all);
  }

  /** A request that has a body to come. */
  post(headers: Record<string, string> = {}): Stream {
    const all = { ":authority": "example.com", ":path": "/", ":method": "POST", ":scheme": "http", ...headers };
    return this.plugin.openStream().sendRequestHeaders(all, { endOfStream: false });
  }
}
