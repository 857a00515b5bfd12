/** The address of a PostgreSQL server with Prisma's `?schema=name`, which the driver does not know. */

export interface PostgresAddress {
  /** For the driver: every connection finds its tables in the schema. */
  connectionString: string;
  /** Undefined where the address names none, or `public`, which is what PostgreSQL takes by itself. */
  schema: string | undefined;
}

/** What is wrong with the `schema` of an address, if anything. Names that would need quotes in every tool are refused. */
export function schemaProblem(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const [name, ...more] = new URL(url).searchParams.getAll('schema');
  if (name === undefined || (more.length === 0 && /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(name))) return undefined;
  return 'must name one schema, in at most 63 small letters, digits and underscores, as ?schema=confab';
}

export function readPostgresUrl(url: string): PostgresAddress {
  const address = new URL(url);
  const schema = address.searchParams.get('schema');
  if (schema === null) return { connectionString: url, schema: undefined };
  address.searchParams.delete('schema');
  if (schema === 'public') return { connectionString: address.href, schema: undefined };
  const options = [address.searchParams.get('options'), `-c search_path=${schema}`].filter(Boolean).join(' ');
  address.searchParams.set('options', options);
  return { connectionString: address.href, schema };
}
