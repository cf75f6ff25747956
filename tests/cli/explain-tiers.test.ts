import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Explanation } from "../../cli/src/explain/explanation.ts";
import { RealTiers } from "../envoy/support/real-tiers.ts";
import { HOST, keyOf } from "../fixtures/route/fixture.ts";
import { answersOf, config, explainJson, stepsOf } from "./support/explain.ts";

/** Longer than anything takes on a busy machine, in the configuration's words. */
const AMPLE = "30s";

describe("with the real Redis, Webdis and routing service, explain", () => {
  const tiers = new RealTiers();
  const webdis = { cluster: "webdis", username: "signpost", password: "local-webdis", timeout: AMPLE };
  const service = { cluster: "routing", path: "/routes?host={host}&tenant={path[1]}", timeout: AMPLE };

  beforeAll(async () => {
    await tiers.start();
  });

  afterAll(async () => {
    await tiers.stop();
  });

  async function explain(
    tenant: string,
    run: { lookup?: object; webdis?: object; args?: readonly string[] } = {},
  ): Promise<Explanation[]> {
    return explainJson({
      config: config({ service, ...run.lookup }, { webdis: { ...webdis, ...run.webdis } }),
      url: `http://${HOST}/api/${tenant}`,
      args: [
        ...["--webdis", `http://127.0.0.1:${tiers.webdis.port}`],
        ...["--service", `route=http://127.0.0.1:${tiers.routingService.port}`, ...(run.args ?? [])],
      ],
    });
  }

  it("finds what is in Redis", async () => {
    await tiers.put(keyOf(HOST, "in-redis"), '{"path": "/svc"}');
    const explanations = await explain("in-redis");
    expect(answersOf(explanations)).toEqual(["webdis: found"]);
    expect(stepsOf(explanations)[0]?.reply).toMatchObject({
      status: 200,
      body: String.raw`MARK({"GET":"{\"path\": \"/svc\"}"});` + "\n",
    });
  });

  it("asks the service for what is not", async () => {
    await tiers.addTenant(HOST, "in-sql", { cell: "2", path: "/svc", headers: {} });
    const explanations = await explain("in-sql");
    expect(answersOf(explanations)).toEqual(["webdis: miss", "service: found"]);
    expect(explanations[0]?.decision).toMatchObject({
      kind: "continue",
      changes: [{ name: "path" }, { name: "x-cell" }],
    });
  });

  it("tells a record that makes no sense from one that is there", async () => {
    await tiers.put(keyOf(HOST, "senseless"), '{"path": "no slash"}');
    expect(answersOf(await explain("senseless"))[0]).toMatch(/^webdis: invalid: /);
  });

  it("shows what Webdis says to the wrong password", async () => {
    expect(answersOf(await explain("anyone", { webdis: { password: "wrong" } }))[0]).toBe(
      "webdis: unavailable: webdis 403",
    );
  });

  it.each([
    [[], null],
    [["--write"], '{"path":"/svc","headers":{"x-cell":"2"}}'],
  ])("writes to Redis only when told to: %j", async (args, stored) => {
    const lookup = { key: "filled:{host}:{path[1]}", service: { ...service, fill: true } };
    await tiers.addTenant(HOST, "filled", { cell: "2", path: "/svc", headers: {} });
    const [explanation] = await explain("filled", { lookup, args });
    expect(explanation?.afterwards).toMatchObject([{ tier: "webdis", question: { method: "PUT" } }]);
    expect(explanation?.afterwards[0]?.reply?.status).toBe(stored === null ? undefined : 200);
    expect(await tiers.get(`filled:${HOST}:filled`)).toBe(stored);
  });
});

/** Says to a request what no real part says on demand. */
const MISBEHAVIOURS: Record<string, (socket: Socket) => void> = {
  closes: (socket) => socket.end(),
  "talks-nonsense": (socket) => socket.end("nonsense\r\n\r\n"),
  "is-silent": () => undefined,
  "is-slow": (socket) => {
    setTimeout(() => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"), 150);
  },
  "breaks-off": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", () => socket.resetAndDestroy());
  },
  "stops-in-the-middle": (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
  "switches-protocols": (socket) =>
    socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
};

describe("a service that", () => {
  const sockets = new Set<Socket>();
  let server: Server;
  let address = "";

  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("data", (bytes) => {
        const name = /^GET \/([\w-]+)/.exec(bytes.toString())?.[1] ?? "";
        MISBEHAVIOURS[name]?.(socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  async function ask(behaviour: string, timeout: string, args: readonly string[] = []): Promise<Explanation[]> {
    const service = { cluster: "routing", path: `/${behaviour}`, timeout };
    return explainJson({ config: config({ webdis: false, service }), args: ["--service", address, ...args] });
  }

  // As seen on Envoy 1.40.
  it.each([
    ["closes", "unavailable: status 503", "unreachable"],
    ["talks-nonsense", "unavailable: status 502", "malformed"],
    ["breaks-off", "unavailable: reset", "reset"],
    ["switches-protocols", "invalid: status 101", undefined],
  ])("%s is to the filter what it is in Envoy: %s", async (behaviour, read, failure) => {
    const explanations = await ask(behaviour, AMPLE);
    expect(answersOf(explanations)).toEqual([`service: ${read}`]);
    expect(stepsOf(explanations)[0]?.reply?.failure).toBe(failure);
  });

  it.each([
    ["is-silent", "timeout: status 504"],
    ["stops-in-the-middle", "unavailable: reset"],
  ])("%s gets no more time than the filter gives it: %s", async (behaviour, read) => {
    const explanations = await ask(behaviour, "300ms");
    expect(answersOf(explanations)).toEqual([`service: ${read}`]);
    expect(stepsOf(explanations)[0]?.reply?.milliseconds).toBeGreaterThan(290);
  });

  it("is slow, but has an answer, is waited for with --patient", async () => {
    expect(answersOf(await ask("is-slow", "50ms"))).toEqual(["service: timeout: status 504"]);
    expect(answersOf(await ask("is-slow", "50ms", ["--patient"]))).toEqual(["service: found"]);
  });

  it("is not there is unreachable", async () => {
    const explanations = await ask("any", AMPLE, ["--service", "http://127.0.0.1:1"]);
    expect(answersOf(explanations)).toEqual(["service: unavailable: status 503"]);
    expect(stepsOf(explanations)[0]?.reply).toMatchObject({
      failure: "unreachable",
      detail: expect.stringContaining("ECONNREFUSED") as string,
    });
  });
});
