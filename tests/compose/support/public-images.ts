import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync, readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DEFAULT_ENVOY_VERSION, PROJECT_ROOT, requireEnvoy } from "../../../envoy-local/lib/project.ts";
import { type StandIn, inUsrBin } from "./stand-in.ts";

/** What `./build.sh release` calls, directly or through npm. */
const BUILD_TOOLS = "bash env tar flock find sed grep cat cp rm mkdir chmod cut dirname wc tr sha256sum uname".split(
  " ",
);

/**
 * The public images of the compose file, each with the real programs of this machine; those that the project installs have
 * the version that the image's name says.
 *
 * @param directory for files that are written for them
 */
export function standIns(directory: string): StandIn[] {
  const npm = dirname(dirname(realpathSync(which("npm"))));
  const script = (name: string): string => {
    const path = `${directory}/${name}`;
    const program = `#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/${name}-cli.js "$@"\n`;
    writeFileSync(path, program, { mode: 0o755 });
    return path;
  };
  return [
    {
      image: "node:20",
      programs: {
        [process.execPath]: "/usr/local/bin/node",
        [which("sh")]: "/bin/sh",
        ...inUsrBin(BUILD_TOOLS.map(which)),
      },
      files: {
        [npm]: "/usr/local/lib/node_modules/npm",
        [script("npm")]: "/usr/local/bin/npm",
        [script("npx")]: "/usr/local/bin/npx",
      },
    },
    { image: "redis:7", programs: { [which("redis-server")]: "/usr/local/bin/redis-server" } },
    { image: "nicolas/webdis:0.1.22", programs: { [which("webdis")]: "/usr/local/bin/webdis" } },
    { image: `envoyproxy/envoy:v${DEFAULT_ENVOY_VERSION}`, programs: { [envoyItself()]: "/usr/local/bin/envoy" } },
  ];
}

/** The names of all images that a compose file runs. */
export function imagesOf(file: string): string[] {
  const lines = readFileSync(file, "utf8").matchAll(/^ +image: (\S+)$/gm);
  return [...new Set([...lines].map(([, image = ""]) => image))].sort();
}

/** Where a program of this machine is. */
function which(program: string): string {
  return execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
}

/** The program that the script of the wheel runs. */
function envoyItself(): string {
  const library = `${dirname(dirname(requireEnvoy()))}/lib`;
  const python = readdirSync(library).find((name) => name.startsWith("python3"));
  return `${library}/${python ?? "python3"}/site-packages/envoy/_bin/envoy`;
}

/** The manifests of the project's npm packages, as paths from its root. */
export function packageManifests(): string[] {
  const packages = readdirSync(`${PROJECT_ROOT}packages`).map((name) => `packages/${name}/package.json`);
  return ["package.json", "package-lock.json", "cli/package.json", ...packages];
}
