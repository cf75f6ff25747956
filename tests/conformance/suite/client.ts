/**
 * Runs tests of the suite against the proxy at a base URL and sends their results to the parent process: what the
 * package's cli.mjs does, for a choice of tests.
 *
 *     node client.ts BASE_URL [ID…]        all tests when no id is given
 *
 * A process of its own: the suite's runner keeps its results in module variables and runs once.
 */
import { getResults, runTests } from "http-cache-tests/client/runner.mjs";
import groups from "http-cache-tests/tests/index.mjs";
import surrogateControl from "http-cache-tests/tests/surrogate-control.mjs";
import fetch from "node-fetch";
import type { Group } from "../support/model.ts";

/** How long a response may take, in milliseconds: a request that is never answered fails its test, and no others. */
const LIMIT = 60_000;

const fetchInTime = (url: string, init?: object): unknown => fetch(url, { ...init, timeout: LIMIT });

const [baseUrl = "", ...ids] = process.argv.slice(2);

/** The suite's way to have a test's requests and responses printed, by client and server. */
const dump = process.env["DUMP"] === "1";

const chosen = [...(groups as Group[]), surrogateControl as Group].map((group) => ({
  ...group,
  tests: group.tests.filter(({ id }) => ids.length === 0 || ids.includes(id)).map((test) => ({ ...test, dump })),
}));
await runTests(chosen, fetchInTime, false, baseUrl, Number(process.env["TOGETHER"]));
process.send?.(getResults());
