import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "redis";
import { send } from "../../envoy-local/lib/http-client.ts";
import { connectAsAdmin, redisPart, redisUrl, type RedisAdmin } from "../../envoy-local/lib/redis.ts";
import { removeDirectory, scratchDirectory, stopAll } from "../../envoy-local/lib/scratch.ts";
import { WEBDIS_CREDENTIALS, webdisPart } from "../../envoy-local/lib/webdis.ts";

const directory = scratchDirectory();
const redis = redisPart(directory);
const webdis = webdisPart(directory, () => redis.port);
let admin: RedisAdmin;

beforeAll(async () => {
  await redis.start();
  await webdis.start();
  admin = await connectAsAdmin(redis.port);
  await admin.set("signpost:route:a", "record");
  await admin.set("elsewhere", "secret");
  await admin.zAdd("signpost:invalidations", { score: 1, value: "1 all" });
});

afterAll(async () => {
  admin.destroy();
  await stopAll([redis, webdis]);
  removeDirectory(directory);
});

function basic(password: string): string {
  return `Basic ${Buffer.from(`${WEBDIS_CREDENTIALS.username}:${password}`).toString("base64")}`;
}

async function webdisReply(path: string, authorization?: string, body?: string) {
  const reply = await send({
    port: webdis.port,
    path,
    ...(authorization === undefined ? {} : { headers: { authorization } }),
    ...(body === undefined ? {} : { method: "POST", body }),
  });
  return { status: reply.status, body: reply.body.toString("utf8") };
}

const ALLOWED = [
  ["/GET/signpost%3Aroute%3Aa.raw", "$6\r\nrecord\r\n"],
  ["/MGET/signpost%3Aroute%3Aa.raw", "*1\r\n$6\r\nrecord\r\n"],
  ["/PSETEX/signpost%3Acache%3Ax/60000/entry.raw", "+OK\r\n"],
  ["/DEL/signpost%3Acache%3Ax.raw", ":1\r\n"],
  ["/ZRANGEBYSCORE/signpost%3Ainvalidations/1/%2Binf.raw", "*1\r\n$5\r\n1 all\r\n"],
] as const;

const REFUSED = [
  "/SET/signpost%3Aroute%3Aa/forged.raw",
  "/EVAL/return%20redis.call('FLUSHALL')/0.raw",
  "/FLUSHALL.raw",
  "/KEYS/*.raw",
  "/CONFIG/GET/*.raw",
  "/SUBSCRIBE/signpost.raw",
  "/HGETALL/signpost%3Aroute%3Aa.raw",
  "/ACL/LIST.raw",
  "/",
];

describe("the harness' Webdis", () => {
  it.each(ALLOWED)("runs %s for the filter", async (path, reply) => {
    expect(await webdisReply(path, basic(WEBDIS_CREDENTIALS.password))).toEqual({ status: 200, body: reply });
  });

  it.each(REFUSED)("refuses %s to the filter", async (path) => {
    expect(await webdisReply(path, basic(WEBDIS_CREDENTIALS.password))).toEqual({ status: 403, body: "" });
  });

  it("refuses a command in a POST body as it does in the path", async () => {
    const reply = await webdisReply("/", basic(WEBDIS_CREDENTIALS.password), "EVAL/return 1/0");
    expect(reply).toEqual({ status: 403, body: "" });
  });

  it.each([...ALLOWED.map(([path]) => path), ...REFUSED])("refuses %s without a password", async (path) => {
    expect((await webdisReply(path)).status).toBe(403);
  });

  it("refuses a wrong password", async () => {
    expect((await webdisReply("/GET/signpost%3Aroute%3Aa.raw", basic("guess"))).status).toBe(403);
  });
});

describe("the harness' Redis", () => {
  it("refuses Webdis the keys outside the prefix", async () => {
    const reply = await webdisReply("/GET/elsewhere.raw", basic(WEBDIS_CREDENTIALS.password));
    expect(reply.body).toMatch(/^-NOPERM /);
  });

  it("refuses the commands that Webdis' own list lets slip", async () => {
    // Webdis compares as many characters as the command has: whoever may ZRANGEBYSCORE may send ZRANGE.
    const reply = await webdisReply("/ZRANGE/signpost%3Ainvalidations/0/-1.raw", basic(WEBDIS_CREDENTIALS.password));
    expect(reply.body).toMatch(/^-NOPERM /);
  });

  it("lets the routing service write route records and nothing else", async () => {
    const client = createClient({ url: redisUrl(redis.port, "routingService"), disableClientInfo: true });
    client.on("error", () => undefined);
    await client.connect();
    try {
      expect(await client.pSetEx("signpost:route:b", 60_000, "{}")).toBe("OK");
      await expect(client.pSetEx("signpost:cache:b", 60_000, "{}")).rejects.toThrow(/NOPERM/);
      await expect(client.get("signpost:route:b")).rejects.toThrow(/NOPERM/);
    } finally {
      client.destroy();
    }
  });
});
