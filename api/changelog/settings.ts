/** The settings of this node's change log. */
export interface ChangelogSettings {
  readonly isOn: boolean;
  readonly folder: string;
  readonly isEmbedded: boolean;
  readonly isCompressed: boolean;
  readonly keepRowsDays: number;
  readonly baseDays: number | undefined;
  /** What to do where the files hold transactions that the database has lost. */
  readonly ahead: 'stop' | 'replay' | 'branch';
}
