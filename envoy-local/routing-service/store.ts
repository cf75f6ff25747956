import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import type { Tenant } from "./records.ts";

/** The table of tenants, in SQL: the source of truth. */
export interface TenantStore {
  find(host: string, tenant: string): Promise<Tenant | null>;
  /** Adds the tenant, or replaces it. */
  put(tenant: Tenant): Promise<void>;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What PGlite and `pg` have in common. */
interface Database {
  rows(sql: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/**
 * Opens the store and creates what is missing in it.
 *
 * @param url of a PostgreSQL database; undefined: PostgreSQL embedded in this process, in memory; `file://` and a path:
 *   embedded, and kept in that directory
 * @param tenants to begin with, where the table does not have them
 */
export async function openStore(url: string | undefined, tenants: readonly Tenant[]): Promise<TenantStore> {
  const store = new SqlStore(url === undefined || url.startsWith("file:") ? embedded(url) : server(url));
  await store.prepare(tenants);
  return store;
}

function embedded(directory: string | undefined): Database {
  const database = new PGlite(directory);
  return {
    rows: async (sql, values = []) => (await database.query(sql, [...values])).rows,
    close: () => database.close(),
  };
}

function server(url: string): Database {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on("error", (error) => {
    console.error(`PostgreSQL: ${error.message}`);
  });
  return {
    rows: async (sql, values = []) => (await pool.query<Record<string, unknown>>(sql, [...values])).rows,
    close: () => pool.end(),
  };
}

class SqlStore implements TenantStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async prepare(tenants: readonly Tenant[]): Promise<void> {
    await this.#database.rows(`
      CREATE TABLE IF NOT EXISTS tenants (
        host text NOT NULL,
        tenant text NOT NULL,
        cell text NOT NULL,
        path text NOT NULL,
        headers jsonb NOT NULL,
        PRIMARY KEY (host, tenant)
      )`);
    // One statement, however many there are.
    await this.#database.rows(
      `INSERT INTO tenants (host, tenant, cell, path, headers)
        SELECT host, tenant, cell, path, headers
        FROM jsonb_to_recordset($1) AS t (host text, tenant text, cell text, path text, headers jsonb)
        ON CONFLICT (host, tenant) DO NOTHING`,
      [JSON.stringify(tenants)],
    );
  }

  async find(host: string, tenant: string): Promise<Tenant | null> {
    const rows = await this.#database.rows(
      "SELECT host, tenant, cell, path, headers FROM tenants WHERE host = $1 AND tenant = $2",
      [host, tenant],
    );
    return (rows[0] as Tenant | undefined) ?? null;
  }

  async put({ host, tenant, cell, path, headers }: Tenant): Promise<void> {
    await this.#database.rows(
      `INSERT INTO tenants (host, tenant, cell, path, headers) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (host, tenant) DO UPDATE
        SET cell = excluded.cell, path = excluded.path, headers = excluded.headers`,
      [host, tenant, cell, path, JSON.stringify(headers)],
    );
  }

  async check(): Promise<void> {
    await this.#database.rows("SELECT 1");
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}
