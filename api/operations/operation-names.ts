/**
 * Names of operations, few enough to count by. They are the clients': one who makes up a new name for each request would else fill the
 * memory of whoever counts, and of Prometheus after it.
 */
export class OperationNames {
  static readonly most = 100;
  static readonly longest = 60;
  readonly #known = new Set<string>();

  /** The name itself, where it may be one to count by. Only people who are signed in bring new ones. */
  label(name: string | undefined, isSignedIn: boolean): string {
    if (name === undefined) return 'anonymous';
    if (this.#known.has(name)) return name;
    if (!isSignedIn || name.length > OperationNames.longest || this.#known.size >= OperationNames.most) return 'other';
    this.#known.add(name);
    return name;
  }
}
