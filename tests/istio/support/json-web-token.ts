import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

/** How long a token is good for when nothing else is said, in seconds. */
const LIFETIME = 600;

/** An issuer of JSON Web Tokens, signed with RS256 and a key of its own. */
export class TokenIssuer {
  readonly #privateKey: KeyObject;
  /** Its public key, as a JSON Web Key Set. */
  readonly jwks: string;

  /** @param name what its tokens say in `iss` */
  constructor(readonly name: string) {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.#privateKey = privateKey;
    this.jwks = JSON.stringify({
      keys: [{ ...publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "RS256", use: "sig" }],
    });
  }

  /**
   * A token for `subject`.
   *
   * @param lifetime seconds until it expires; negative: it has
   */
  token(subject: string, lifetime = LIFETIME): string {
    const now = Math.floor(Date.now() / 1000);
    const header = { alg: "RS256", typ: "JWT", kid: KEY_ID };
    // Verifiers allow for a minute between two clocks.
    const claims = { iss: this.name, sub: subject, iat: now - 3600, exp: now + lifetime };
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), this.#privateKey).toString("base64url")}`;
  }
}

const KEY_ID = "test";
