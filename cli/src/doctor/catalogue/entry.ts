/** `error`: requests are refused, unrouted or unsafe; `warning`: they will be one day; `info`: good to know. */
export type Severity = "error" | "warning" | "info";

/** What there is to say of a kind of finding, whatever was seen. */
export interface CatalogueEntry {
  readonly severity: Severity;
  readonly meaning: string;
  readonly remedy: string;
}

export type CatalogueSection = Readonly<Record<string, CatalogueEntry>>;
