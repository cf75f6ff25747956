import { afterAll, beforeAll } from "vitest";
import { nodeProgram } from "../../../envoy-local/lib/node-program.ts";
import { removeDirectory, scratchDirectory } from "../../../envoy-local/lib/scratch.ts";
import { CELL, ROUTING, type SetUp, WEBDIS } from "./doctor.ts";
import { RealTiers } from "./real-tiers.ts";

export interface DoctorParts {
  readonly tiers: RealTiers;
  /** A directory that goes with the tests. */
  readonly scratch: string;
  /** Every cluster where it should be, but for `others`. */
  readonly clusters: (others?: SetUp["clusters"]) => SetUp["clusters"];
}

/** Real tiers and a cell behind the Envoys that the doctor examines, while the tests of this file run. */
export function doctorParts(): DoctorParts {
  const tiers = new RealTiers();
  const scratch = scratchDirectory();
  const cell = nodeProgram({ name: "cell-1", directory: scratch, script: "envoy-local/origin/echo.ts" });
  beforeAll(async () => {
    await Promise.all([tiers.start(), cell.start()]);
  });
  afterAll(async () => {
    await cell.stop();
    await tiers.stop();
    removeDirectory(scratch);
  });
  return {
    tiers,
    scratch,
    clusters: (others = {}) => ({
      [WEBDIS]: tiers.webdis.port,
      [ROUTING]: tiers.routingService.port,
      [CELL]: cell.port,
      ...others,
    }),
  };
}
