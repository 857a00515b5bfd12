/**
 * Names that clients give, few enough to count by. A client that makes up a new name for each request would else fill the memory
 * of this process and of Prometheus.
 */
export class FewNames {
  static readonly most = 100;
  readonly #known = new Set<string>();
  readonly #form: RegExp;
  readonly #missing: string;

  /** @param form of a name that may be counted by. @param missing what stands where there is none. */
  constructor(form: RegExp, missing: string) {
    this.#form = form;
    this.#missing = missing;
  }

  /** The name itself, or `other`. Only people who are signed in bring new ones. */
  label(name: string | null | undefined, isSignedIn: boolean): string {
    if (name === undefined || name === null) return this.#missing;
    if (this.#known.has(name)) return name;
    if (!isSignedIn || !this.#form.test(name) || this.#known.size >= FewNames.most) return 'other';
    this.#known.add(name);
    return name;
  }
}
