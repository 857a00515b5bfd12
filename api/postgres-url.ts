/** The address of a PostgreSQL server with Prisma's `?schema=name`, which the driver does not know. */

export interface PostgresAddress {
  /** For the driver: every connection finds its tables in the schema. */
  connectionString: string;
  /** Undefined where the address names none, or `public`, which is what PostgreSQL takes by itself. */
  schema: string | undefined;
}

/** Credentials without a host, as `postgresql://user:password@/db?host=/var/run/postgresql`: the driver takes it, `URL` does not. */
const withoutHost = /^(postgres(?:ql)?:\/\/[^/?#]*@)\//;
const NO_HOST = 'no-host.invalid';

export function canParsePostgresUrl(url: string): boolean {
  return URL.canParse(withHost(url));
}

function parsePostgresUrl(url: string): URL {
  return new URL(withHost(url));
}

function withHost(url: string): string {
  return url.replace(withoutHost, `$1${NO_HOST}/`);
}

function textOf({ href }: URL): string {
  return href.replace(`@${NO_HOST}/`, '@/');
}

/** Where the server is, for people: a host and port, or the folder of its socket. */
export function placeOfServer(url: string): string {
  const { host, searchParams } = parsePostgresUrl(url);
  return searchParams.get('host') || (host === NO_HOST ? '' : host) || 'the driver’s default address';
}

/** What is wrong with the `schema` of an address, if anything. Names that would need quotes in every tool are refused. */
export function schemaProblem(url: string): string | undefined {
  if (!canParsePostgresUrl(url)) return undefined;
  const [name, ...more] = parsePostgresUrl(url).searchParams.getAll('schema');
  if (name === undefined || (more.length === 0 && /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(name))) return undefined;
  return 'must name one schema, in at most 63 small letters, digits and underscores, as ?schema=confab';
}

export function readPostgresUrl(url: string): PostgresAddress {
  const address = parsePostgresUrl(url);
  const schema = address.searchParams.get('schema');
  if (schema === null) return { connectionString: url, schema: undefined };
  address.searchParams.delete('schema');
  if (schema === 'public') return { connectionString: textOf(address), schema: undefined };
  const options = [address.searchParams.get('options'), `-c search_path=${schema}`].filter(Boolean).join(' ');
  address.searchParams.set('options', options);
  return { connectionString: textOf(address), schema };
}
