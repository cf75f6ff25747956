import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Finding } from "../../cli/src/doctor/finding.ts";
import { probeWebdis } from "../../cli/src/doctor/webdis/probe.ts";
import { REMEDIES } from "../../cli/src/doctor/webdis/redis-words.ts";
import { ROOT } from "./support/cli.ts";

const NIL = "$-1\r\n";
const NO_ARGUMENTS = "-ERR wrong number of arguments for 'psetex' command\r\n";
const CREDENTIALS = { username: "signpost", password: "secret" };

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

/** What Redis says to the commands that the filter has, through a Webdis that is set up as it should be. */
interface Redis {
  get?: string;
  set?: string;
  /** How many databases it has; Webdis uses database 0 in the place of one that is missing. */
  databases?: number;
}

async function findingsAbout(
  redis: Redis,
  webdis: { database?: number; isWritten?: boolean } = {},
): Promise<Finding[]> {
  const written = new Set<string>();
  const { databases = 16 } = redis;
  const reply = (database: number, [command, key, ...others]: string[]): string => {
    const name = `${database < databases ? database : 0} ${key ?? ""}`;
    if (command === "PSETEX" && others.length === 0) return NO_ARGUMENTS;
    if (command === "PSETEX") {
      if (redis.set === undefined) written.add(name);
      return redis.set ?? "+OK\r\n";
    }
    if (!(key ?? "").startsWith("signpost:")) return "-NOPERM No permissions to access a key\r\n";
    return redis.get ?? (written.has(name) ? "$1\r\n1\r\n" : NIL);
  };
  const own = `Basic ${Buffer.from("signpost:secret").toString("base64")}`;
  server = createServer((request, response) => {
    const [, database, path = ""] = /^(?:\/(\d+))?\/(.*)\.raw$/.exec(request.url ?? "") ?? [];
    const words = path.split("/").map(decodeURIComponent);
    const isAllowed = request.headers.authorization === own && ["GET", "PSETEX"].includes(words[0] ?? "");
    response.writeHead(isAllowed ? 200 : 403).end(isAllowed ? reply(Number(database ?? 0), words) : "");
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const { database = 0, isWritten = true } = webdis;
  const facts = { ...CREDENTIALS, passwordEnv: "", keyPrefix: "signpost:", database, isWritten };
  return probeWebdis(address, facts as Parameters<typeof probeWebdis>[1], CREDENTIALS);
}

describe("a Redis behind Webdis", () => {
  it("that answers and takes writes is well, in any database that it has", async () => {
    expect(await findingsAbout({})).toEqual([]);
    expect(await findingsAbout({}, { database: 15 })).toEqual([]);
    expect(await findingsAbout({ databases: 32 }, { database: 31 })).toEqual([]);
  });

  it.each(Object.entries(REMEDIES))("that refuses reads with %s gets the remedy for that", async (word, remedy) => {
    const findings = await findingsAbout({ get: `-${word} of something\r\n`, set: `-${word} of something\r\n` });
    expect(findings).toMatchObject([
      { id: "webdis-redis-refuses", seen: `GET of a key under signpost:: ${word} of something`, remedy },
    ]);
  });

  it.each(["OOM", "READONLY", "MISCONF", "NOREPLICAS", "NOPERM"])(
    "that refuses writes only, with %s, is found out and gets the remedy for that",
    async (word) => {
      const findings = await findingsAbout({ set: `-${word} of something\r\n` });
      expect(findings).toMatchObject([
        {
          id: "webdis-redis-refuses-writes",
          seen: `PSETEX of a key under signpost:: ${word} of something`,
          remedy: REMEDIES[word],
        },
      ]);
    },
  );

  it("that has no place for more clients gets the remedy for that", async () => {
    const [finding] = await findingsAbout({ get: "-ERR max number of clients reached\r\n" });
    expect(finding?.remedy).toContain("maxclients");
  });

  it("that says something unknown gets the usual remedy", async () => {
    const [finding] = await findingsAbout({ get: "-BRANDNEW x\r\n" });
    expect(finding?.remedy).toContain("see docs/lookups.md");
  });

  it("that has not so many databases is found out where the configuration writes", async () => {
    expect(await findingsAbout({}, { database: 16 })).toMatchObject([
      { id: "webdis-database-missing", seen: "what is written to database 16 is read from database 0" },
    ]);
    expect(await findingsAbout({ databases: 4 }, { database: 4 })).toMatchObject([{ id: "webdis-database-missing" }]);
  });

  it("that has perhaps not so many databases is warned of where the configuration only reads", async () => {
    expect(await findingsAbout({}, { database: 16, isWritten: false })).toMatchObject([
      { id: "webdis-database-uncertain", severity: "warning" },
    ]);
    expect(await findingsAbout({}, { database: 15, isWritten: false })).toEqual([]);
  });
});

describe("docs/lookups.md", () => {
  it("has every word of Redis that there is a remedy for", () => {
    const page = readFileSync(join(ROOT, "docs/lookups.md"), "utf8");
    for (const word of Object.keys(REMEDIES)) expect(page).toContain(`\`${word}\``);
  });
});
