import type { DocumentPlace, Found } from "./plugin-config-source.ts";
import { itemsAt, textAt, valueAt } from "./tree.ts";
import { wasmFiltersIn } from "./wasm-filter.ts";

/** The configurations of all Wasm HTTP filters in the patches of an EnvoyFilter, however deep and in whatever wrapping. */
export function envoyFilter(place: DocumentPlace): Found[] {
  const owner = { kind: "EnvoyFilter", name: textAt(place.root, "metadata", "name"), isDiscovered: false } as const;
  return itemsAt(place.root, "spec", "configPatches").flatMap((patch, index) => {
    const steps = ["spec", "configPatches", index, "patch", "value"];
    return wasmFiltersIn(place, valueAt(patch, "patch", "value"), steps, owner);
  });
}
