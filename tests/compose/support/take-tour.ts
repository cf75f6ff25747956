// Takes the tour at the ports that docker-compose.yaml publishes, prints it, and ends with 1 when something was not as it
// should be: a program, to be run in the network of the Docker engine.
import { send } from "../../../envoy-local/lib/http-client.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import { takeTour } from "../../../envoy-local/tour.ts";

const PORTS = { envoy: 10_000, admin: 9901, routingService: 8080 };

/** How long the parts may take to listen after they were started, in milliseconds. */
const LIMIT = 30_000;

async function answers(port: number, path: string): Promise<void> {
  await until(AbortSignal.timeout(LIMIT), async () => ((await send({ port, path })).status === 200 ? true : undefined));
}

await answers(PORTS.routingService, "/stats");
await answers(PORTS.admin, "/ready");
const problems = await takeTour(PORTS, (line) => {
  console.log(line);
});
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
