export function which(name: string): string | null;
