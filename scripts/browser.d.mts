export function browserOnMachine(): string | undefined;
export function ensureBrowser(): boolean;
