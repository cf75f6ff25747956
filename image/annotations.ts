/** Where the module comes from, as the image says it. */
export interface Origin {
  readonly version: string;
  readonly description: string;
  /** An SPDX expression. */
  readonly licenses: string;
  /** The commit it was built from, with `-dirty` where the work tree had changes; null outside a clone. */
  readonly revision: string | null;
  /** Where the source can be had; null where that is not known. */
  readonly source: string | null;
}

/**
 * The image's standard annotations, without one that tells the time: two builds of one tree give one digest.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md
 */
export function annotationsOf(origin: Origin): Record<string, string> {
  return {
    "org.opencontainers.image.title": "signpost",
    "org.opencontainers.image.description": origin.description,
    "org.opencontainers.image.version": origin.version,
    "org.opencontainers.image.licenses": origin.licenses,
    ...(origin.revision === null ? {} : { "org.opencontainers.image.revision": origin.revision }),
    ...(origin.source === null ? {} : { "org.opencontainers.image.source": origin.source }),
  };
}

/** The web address of a git remote without credentials; null for one that only this machine or ssh can reach. */
export function webAddress(remote: string): string | null {
  if (!/^https?:\/\//.test(remote) || !URL.canParse(remote)) return null;
  const url = new URL(remote);
  url.username = "";
  url.password = "";
  return url.href.replace(/\.git$/, "");
}
