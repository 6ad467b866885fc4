export const repository: string;
export function install(say: (command: string) => void): void;
export function makeReady(say: (command: string) => void): void;
