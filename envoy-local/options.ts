import { parseArgs } from "node:util";

export const USAGE = `./envoy-local/up.sh [--once] [--workers N] [--yes]

Starts Redis, Webdis, a sample routing service, two upstreams and Envoy with the filter on free ports of 127.0.0.1,
sends a first tour of requests, prints which tier answered each, and checks it.

  --once        end after the tour; else it stays up until Ctrl-C
  --workers N   worker threads of Envoy (default 1)
  --yes         do not ask before apt installs something
  --help        print this

It ends with 0 when all was as expected, with 1 when not, and with 2 for an option it does not know.
`;

export interface Options {
  readonly once: boolean;
  readonly workers: number;
  readonly help: boolean;
}

/** Reads the command line; throws with a sentence about what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      workers: { type: "string", default: "1" },
      yes: { type: "boolean", short: "y", default: false }, // for install.sh, which has run by now
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const workers = Number(values.workers);
  if (!Number.isInteger(workers) || workers < 1) {
    throw new Error(`--workers is "${values.workers}": it must be a whole number, at least 1`);
  }
  return { once: values.once, workers, help: values.help };
}
