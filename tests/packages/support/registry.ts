import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { run } from "./command.ts";
import { PACKAGES, ROOT } from "./parts.ts";

/** What the packages are installed with: the compiler, and what that needs. */
const OTHERS = ["assemblyscript", "binaryen", "long"];

/** Tarballs of what others have made are packed once. */
const CACHE = join(ROOT, ".cache/packed");

interface Manifest {
  readonly name: string;
  readonly version: string;
}

interface Published {
  readonly manifest: Manifest;
  readonly tarball: string;
}

/**
 * An npm registry that has the packages of this repository and the compiler, each in one version: what a command of a README
 * installs is what the repository has, and nobody else's.
 */
export class Registry {
  readonly #published: ReadonlyMap<string, Published>;
  readonly #server: Server;

  private constructor(published: readonly Published[]) {
    this.#published = new Map(published.map((each) => [each.manifest.name, each]));
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? "");
      const tarball = /^\/tarballs\/(.+)$/.exec(path)?.[1];
      const found = this.#published.get(tarball ?? path.slice(1));
      if (found === undefined) {
        response.writeHead(404).end("{}");
      } else if (tarball === undefined) {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.#document(found)));
      } else {
        response.writeHead(200);
        createReadStream(found.tarball).pipe(response);
      }
    });
  }

  /** @param own tarballs of this repository's packages. @param compiler the node_modules that has the compiler. */
  static async start(own: readonly Published[], compiler: string): Promise<Registry> {
    const others = await Promise.all(OTHERS.map((name) => packOther(join(compiler, name))));
    const registry = new Registry([...own, ...others]);
    registry.#server.listen(0, LOOPBACK);
    await once(registry.#server, "listening");
    return registry;
  }

  get url(): string {
    return `http://${LOOPBACK}:${(this.#server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #document({ manifest, tarball }: Published): object {
    const { name, version } = manifest;
    const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    const dist = { tarball: `${this.url}tarballs/${name}`, integrity };
    return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
  }
}

/** The tarballs of this repository's packages, as `npm pack` makes them, in a directory. */
export async function packOwn(directory: string): Promise<Published[]> {
  return Promise.all(PACKAGES.map((name) => pack(join(ROOT, "packages", name), directory)));
}

async function packOther(folder: string): Promise<Published> {
  const manifest = manifestOf(folder);
  const tarball = join(CACHE, nameOf(manifest));
  if (existsSync(tarball)) return { manifest, tarball };
  const unfinished = join(CACHE, `unfinished-${process.pid}`);
  const packed = await pack(folder, unfinished, "--ignore-scripts");
  renameSync(packed.tarball, tarball);
  return { manifest, tarball };
}

async function pack(folder: string, directory: string, ...options: string[]): Promise<Published> {
  mkdirSync(directory, { recursive: true });
  await run(`npm pack ${options.join(" ")} --silent --pack-destination "${directory}"`, { directory: folder });
  const manifest = manifestOf(folder);
  return { manifest, tarball: join(directory, nameOf(manifest)) };
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function nameOf({ name, version }: Manifest): string {
  return `${name}-${version}.tgz`;
}
