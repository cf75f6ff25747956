import { cpSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { run } from "../../istio/support/command.ts";
import type { DockerEngine } from "./docker-engine.ts";

/** An image made of programs of this machine, to stand in for a public one that has the same programs. */
export interface StandIn {
  /** The name that it takes. */
  readonly image: string;
  /** Where programs of this machine are in the image, by their names; those without a place are in `/usr/local/bin`. */
  readonly programs: Readonly<Record<string, string>>;
  /** Other files and directories, and where they are in the image. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * Builds the image: nothing is in it but the programs, with the shared libraries they name, and the files.
 *
 * @param directory an empty one, for what goes into the image
 */
export async function buildStandIn(engine: DockerEngine, directory: string, standIn: StandIn): Promise<void> {
  const root = `${directory}/root`;
  mkdirSync(`${root}/tmp`, { recursive: true, mode: 0o1777 });
  for (const [source, target] of Object.entries(standIn.programs)) {
    const program = realpathSync(source);
    copy(program, root + target);
    for (const library of await librariesOf(program)) copy(library, root + library);
  }
  for (const [source, target] of Object.entries(standIn.files ?? {})) copy(source, root + target);
  writeFileSync(`${directory}/Dockerfile`, "FROM scratch\nCOPY root/ /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n");
  await engine.docker("build", "--quiet", "--tag", standIn.image, directory);
}

function copy(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  cpSync(source, target, { recursive: true, dereference: true });
}

/** The shared libraries that a program is loaded with; none for a script or a static program, which ldd refuses. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run("ldd", [program]);
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
}

/** The programs in `/usr/bin` of the image, as they are called. */
export function inUsrBin(paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path) => [path, `/usr/bin/${basename(path)}`]));
}
