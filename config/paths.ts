/** The path of a value in a config file, as text: `network.zones[1]`, `tags["cost center"]`. */
export function pathText(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => joinPath(path, key), "");
}

export function joinPath(path: string, key: PropertyKey): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^\w+$/.test(String(key))) return `${path}[${JSON.stringify(String(key))}]`;
  return path ? `${path}.${String(key)}` : String(key);
}

/** @returns the path and the paths of everything around it, from the inside out: `a.b[1]`, `a.b`, `a` */
export function sectionsAround(path: string): string[] {
  const around = [...path.matchAll(/\.?\w+|\[\d+\]|\["(?:[^"\\]|\\.)*"\]/g)].map(({ index, 0: { length } }) =>
    path.slice(0, index + length),
  );
  return around.reverse();
}
