import { Enums, Models, Serialize, Spec, Validation } from "@cyclonedx/cyclonedx-library";
import type { Component } from "./components.ts";

/** What the bill of materials is for. */
export interface Subject {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  /** The module's SHA-256, in hexadecimal. */
  readonly sha256: string;
  /** The packages the filter imports itself, by name. */
  readonly imports: readonly string[];
}

const SPECIFICATION = Spec.Spec1dot6;

/**
 * The module's bill of materials as CycloneDX JSON, valid by the standard's own schema. It has no serial number and no
 * time of its own: one tree, one text.
 *
 * @throws when the document is not valid
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export async function sbomText(subject: Subject, components: readonly Component[]): Promise<string> {
  const bom = new Models.Bom();
  const root = library({ ...subject, name: "signpost", isPublished: false }, Enums.ComponentType.Application);
  root.hashes.set(Enums.HashAlgorithm["SHA-256"], subject.sha256);
  bom.metadata.component = root;
  const models = new Map(
    components.map((component) => [component.name, library(component, Enums.ComponentType.Library)]),
  );
  for (const model of models.values()) bom.components.add(model);
  connect(root, subject.imports, models);
  for (const { name, imports } of components) connect(models.get(name), imports, models);

  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(SPECIFICATION));
  const text = serializer.serialize(bom, { sortLists: true, space: 2 });
  const mistakes = (await new Validation.JsonStrictValidator(SPECIFICATION.version).validate(text)) as unknown;
  if (mistakes !== null) {
    throw new Error(`the bill of materials is not CycloneDX ${SPECIFICATION.version}: ${JSON.stringify(mistakes)}`);
  }
  return `${text}\n`;
}

function library(of: Omit<Component, "imports">, type: Enums.ComponentType): Models.Component {
  const purl = `pkg:${of.isPublished ? "npm" : "generic"}/${of.name.replace("@", "%40")}@${of.version}`;
  return new Models.Component(type, of.name, {
    bomRef: purl,
    version: of.version,
    description: of.description,
    licenses: new Models.LicenseRepository([new Models.SpdxLicense(of.license)]),
    purl,
    scope: Enums.ComponentScope.Required,
  });
}

function connect(
  from: Models.Component | undefined,
  names: readonly string[],
  models: ReadonlyMap<string, Models.Component>,
): void {
  for (const name of names) {
    const to = models.get(name);
    if (from !== undefined && to !== undefined) from.dependencies.add(to.bomRef);
  }
}
