/** `--option KEY=VALUE`, once for each. */
export const pairs = (option: string, values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([key, value]) => [option, `${key}=${value}`]);
