import { afterAll, afterEach, beforeAll } from "vitest";
import { IstioMesh, type MeshOptions } from "./mesh.ts";

/**
 * A mesh for the tests of a file: started before them and stopped after them, whatever becomes of them. After a test that
 * fails the ends of all logs are shown.
 *
 * @param options asked for when it starts
 * @param prepare is run once before the tests
 * @returns gives the mesh, from `prepare` on
 */
export function meshForTests(
  options: () => MeshOptions = () => ({}),
  prepare: (mesh: IstioMesh) => Promise<void> = () => Promise.resolve(),
): () => IstioMesh {
  let mesh: IstioMesh | undefined;

  beforeAll(async () => {
    mesh = await IstioMesh.start(options());
    try {
      await prepare(mesh);
    } catch (error) {
      console.error(mesh.logs());
      throw error;
    }
  });

  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(mesh?.logs());
  });

  afterAll(async () => {
    await mesh?.stop();
  });

  return () => {
    if (mesh === undefined) throw new Error("the mesh is not started");
    return mesh;
  };
}
