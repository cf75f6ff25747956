/** Starts the whole of Signpost on this machine and shows it at work; `options.ts` says how it is called. */
import { TOUR_HOST } from "./itinerary.ts";
import { Harness } from "./lib/harness.ts";
import { LOOPBACK } from "./lib/ports.ts";
import { readOptions, USAGE, type Options } from "./options.ts";
import { takeTour } from "./tour.ts";

/** How much of each log a failed tour shows, in lines. */
const SHOWN_LINES = 20;

/** What a shell reports of a program that a signal ended. */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Everything started, and then a request was not answered as expected. */
class TourFailed extends Error {}

function print(line: string): void {
  console.log(line);
}

/** Settles with the exit code for the first signal that asks us to end; a second one ends us at once. */
async function interruption(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of Object.entries(SIGNAL_EXIT_CODES)) {
      process.once(signal, () => {
        resolve(code);
      });
    }
  });
}

async function startAndTour(harness: Harness): Promise<void> {
  await harness.start();
  print("");
  const ports = { envoy: harness.envoy.port, routingService: harness.routingService.port };
  const problems = await takeTour(ports, print).catch((error: unknown) => [messageOf(error)]);
  if (problems.length > 0) {
    throw new TourFailed(`not as expected:\n  ${problems.join("\n  ")}`);
  }
  print("\nAll as expected.");
}

function printWhatToTry({ envoy, routingService, directory }: Harness): void {
  const viaEnvoy = `curl -i -H 'host: ${TOUR_HOST}' http://${LOOPBACK}:${envoy.port}`;
  const service = `http://${LOOPBACK}:${routingService.port}`;
  print(`
Up until Ctrl-C. To try:
  ${viaEnvoy}/api/acme
  ${viaEnvoy}/api/nobody
  curl -X PUT '${service}/routes?host=${TOUR_HOST}&tenant=nobody' -d '{"cell": "cell-1", "path": "/stores/nobody"}'
  curl ${service}/stats
  curl http://${LOOPBACK}:${envoy.adminPort}/stats?filter=signpost
Logs and configurations: ${directory}`);
}

/** Runs to the end; gives the exit code. */
async function run(options: Options): Promise<number> {
  const interrupted = interruption();
  let harness: Harness | undefined;
  try {
    harness = new Harness({ workers: options.workers, report: print });
    const early = await Promise.race([startAndTour(harness), interrupted]);
    if (early === undefined && !options.once) {
      printWhatToTry(harness);
      await interrupted;
    }
    print("\nstopping …");
    await harness.stop();
    return early ?? 0;
  } catch (error) {
    if (harness !== undefined) {
      await stopAfterFailure(harness, error instanceof TourFailed);
    }
    console.error(`\nup.sh: ${messageOf(error)}`);
    return 1;
  }
}

/** Stops everything, and leaves what explains a failure. A part that could not start has shown its log itself. */
async function stopAfterFailure(harness: Harness, showLogs: boolean): Promise<void> {
  if (showLogs) {
    for (const { log } of harness.parts) {
      console.error(`\n--- the end of ${log.path}\n${log.tail(SHOWN_LINES)}`);
    }
  }
  await harness.stop({ keep: true });
  console.error(`\nlogs and configurations are kept in ${harness.directory}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The command line; null when it is wrong, which is said. */
function optionsOrComplaint(): Options | null {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`up.sh: ${messageOf(error)}\n\n${USAGE}`);
    return null;
  }
}

const options = optionsOrComplaint();
if (options === null) {
  process.exitCode = 2;
} else if (options.help) {
  print(USAGE);
} else {
  process.exitCode = await run(options);
}
