export type Language = 'en' | 'ru';

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const rules: Record<Language, Intl.PluralRules> = { en: new Intl.PluralRules('en'), ru: new Intl.PluralRules('ru') };
const numbers: Record<Language, Intl.NumberFormat> = {
  en: new Intl.NumberFormat('en'),
  ru: new Intl.NumberFormat('ru'),
};

/** The count and its noun: `plural('ru', 3, { one: 'чат', few: 'чата', many: 'чатов', other: 'чата' })` is "3 чата". */
export function plural(language: Language, count: number, forms: Forms): string {
  const form = forms[rules[language].select(count)] ?? forms.other;
  return `${number(language, count)} ${form}`;
}

export function number(language: Language, value: number): string {
  return numbers[language].format(value);
}
