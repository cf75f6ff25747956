import { spawn } from "node:child_process";
import { once } from "node:events";
import { CHECKOUT } from "../checkout.ts";
import { Failure } from "../failure.ts";

/** `build`: the module, the command line that renders, and the image. Nothing leaves this machine. */
export async function build(): Promise<void> {
  const child = spawn("./build.sh", ["release", "cli", "image"], { cwd: CHECKOUT, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Failure("the build failed; what it printed is above");
}
