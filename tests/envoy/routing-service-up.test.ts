import { existsSync } from "node:fs";
import { createConnection } from "node:net";
import { afterAll, describe, expect, it, vi } from "vitest";
import { LogFile } from "../../envoy-local/lib/log-file.ts";
import { LOOPBACK } from "../../envoy-local/lib/ports.ts";
import { Program } from "../../envoy-local/lib/process.ts";
import { HARNESS_ROOT, PROJECT_ROOT } from "../../envoy-local/lib/project.ts";
import { until, whileRunning } from "../../envoy-local/lib/readiness.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";

const directory = scratchDirectory();
const runs: Up[] = [];

/** One run of `up.ts`, as `up.sh` starts it when everything is installed. */
class Up {
  readonly log = new LogFile(`${directory}/up-${runs.length}.log`);
  readonly program: Program;

  constructor(...args: string[]) {
    this.program = new Program({
      name: "up",
      command: process.execPath,
      args: ["--import", "tsx", `${HARNESS_ROOT}up.ts`, ...args],
      directory: PROJECT_ROOT,
      env: { TMPDIR: directory }, // what a killed run leaves is removed with ours
      logFile: this.log.path,
    });
    runs.push(this);
  }

  async printed(text: string): Promise<void> {
    await whileRunning(this.program, `printed "${text}"`, (signal) =>
      until(signal, () => Promise.resolve(this.log.all().includes(text) || undefined)),
    );
  }

  /** Sends a signal, and gives the sentence about its end. */
  async endedBy(signal: NodeJS.Signals): Promise<string> {
    process.kill(this.program.pid, signal);
    return this.program.ended;
  }

  /** The ports of the parts it said it started. */
  get ports(): readonly number[] {
    return [...this.log.all().matchAll(/^\S+ on 127\.0\.0\.1:(\d+)$/gm)].map((match) => Number(match[1]));
  }
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, LOOPBACK);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}

async function portsStillOpen(up: Up): Promise<readonly number[]> {
  const open = await Promise.all(up.ports.map(accepts));
  return up.ports.filter((_, index) => open[index]);
}

afterAll(async () => {
  await Promise.all(runs.map(({ program }) => program.stop()));
  removeDirectory(directory);
});

describe("up.sh", () => {
  it("ends with 0 after the tour with --once, and leaves nothing running", async () => {
    const up = new Up("--once");
    expect(await up.program.ended, up.log.all()).toBe("up ended with exit code 0");
    expect(up.log.all()).toContain("All as expected.");
    expect(up.ports).toHaveLength(6);
    expect(await portsStillOpen(up)).toEqual([]);
  });

  it("stays up after the tour until Ctrl-C, then stops everything and removes its files", async () => {
    const up = new Up();
    await up.printed("Logs and configurations: ");
    expect(await portsStillOpen(up)).toEqual(up.ports);
    expect(await up.endedBy("SIGINT")).toBe("up ended with exit code 0");
    expect(await portsStillOpen(up)).toEqual([]);
    const [, files = ""] = /^Logs and configurations: (.*)$/m.exec(up.log.all()) ?? [];
    expect(files).not.toBe("");
    expect(existsSync(files)).toBe(false);
  });

  it("stops what it has started when it is ended while it starts", async () => {
    const up = new Up();
    await up.printed("redis on ");
    expect(await up.endedBy("SIGTERM")).toBe("up ended with exit code 143");
    expect(await portsStillOpen(up)).toEqual([]);
  });

  it("leaves nothing running even when it is killed", async () => {
    const up = new Up();
    await up.printed("envoy on ");
    expect(await up.endedBy("SIGKILL")).toBe("up ended with SIGKILL");
    await vi.waitFor(async () => {
      expect(await portsStillOpen(up)).toEqual([]);
    });
  });

  it.each([
    [["--workers", "0"], '--workers is "0": it must be a whole number, at least 1'],
    [["--wrokers", "2"], "--wrokers"],
  ])("refuses %j and says what is wrong", async (args, complaint) => {
    const up = new Up(...args);
    expect(await up.program.ended).toBe("up ended with exit code 2");
    expect(up.log.all()).toContain(complaint);
  });
});
