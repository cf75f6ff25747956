/** Starts the whole of Signpost on this machine and shows it at work; `options.ts` says how it is called. */
import { once } from "node:events";
import { TOUR_HOST } from "./itinerary.ts";
import { Harness } from "./lib/harness.ts";
import { LOOPBACK } from "./lib/ports.ts";
import { readOptions, USAGE, type Options } from "./options.ts";
import { takeTour } from "./tour.ts";

/** How much of each log a failure shows, in lines. */
const SHOWN_LINES = 20;

/** Exit codes of a shell for a program ended by Ctrl-C or `kill`. */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

function print(line: string): void {
  console.log(line);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The command line, or the end of the program. */
function optionsOrExit(): Options {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options.help) {
      return options;
    }
  } catch (error) {
    console.error(`up.sh: ${message(error)}\n\n${USAGE}`);
    process.exit(2);
  }
  console.log(USAGE);
  process.exit(0);
}

/** Stops everything, keeps the directory and shows the ends of the logs. */
async function stopAfterFailure(harness: Harness, problems: readonly string[]): Promise<void> {
  for (const part of harness.parts) {
    const end = part.log.tail(SHOWN_LINES);
    if (end !== "") {
      console.error(`\n--- the end of ${part.log.path}\n${end}`);
    }
  }
  await harness.stop({ keep: true });
  console.error(`\nNot as expected:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  console.error(`All logs and configurations are kept in ${harness.directory}`);
}

function printWhatToTry(harness: Harness): void {
  const { envoy, routingService } = harness;
  const curl = `curl -i -H 'host: ${TOUR_HOST}'`;
  print(`
Up until Ctrl-C. To try:
  ${curl} http://${LOOPBACK}:${envoy.port}/api/acme
  ${curl} http://${LOOPBACK}:${envoy.port}/api/nobody
  curl -X PUT 'http://${LOOPBACK}:${routingService.port}/routes?host=${TOUR_HOST}&tenant=nobody' -d '{"cell": "cell-1", "path": "/stores/nobody"}'
  curl http://${LOOPBACK}:${routingService.port}/stats
  curl http://${LOOPBACK}:${envoy.adminPort}/stats?filter=signpost
Logs and configurations: ${harness.directory}`);
}

const options = optionsOrExit();
const harness = new Harness({ workers: options.workers, report: print });
let interrupted = false;
for (const [signal, code] of Object.entries(SIGNAL_EXIT_CODES)) {
  process.once(signal, () => {
    interrupted = true;
    print("\nstopping …");
    void harness.stop().then(() => process.exit(code));
  });
}

try {
  await harness.start();
  print("");
  const ports = { envoy: harness.envoy.port, routingService: harness.routingService.port };
  const problems = await takeTour(ports, print);
  if (problems.length > 0) {
    throw new Error(problems.join("\n  "));
  }
  print("\nAll as expected.");
  if (!options.once) {
    printWhatToTry(harness);
    await once(process, "SIGINT");
  }
} catch (error) {
}
