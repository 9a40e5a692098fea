import { stringify } from "yaml";

/**
 * Text of the pointer: the object that names the current bundle.
 *
 * Nodes read only its first two keys. The files are for people: this text is part of the plan, so a diff of the plan
 * shows what will change on which nodes. A file that several nodes share appears once.
 *
 * @param tree - text by `<node>/<path on the node>`
 */
export function pointerText(bundleKey: string, sha256: string, tree: Readonly<Record<string, string>>): string {
  const files = new Map<string, { path: string; nodes: string[]; text: string }>();
  for (const [key, text] of Object.entries(tree)) {
    const [node, ...path] = key.split("/") as [string, ...string[]];
    const file = { path: `/${path.join("/")}`, nodes: [], text };
    const identity = `${file.path}\n${text}`;
    const shared = files.get(identity) ?? file;
    shared.nodes.push(node);
    files.set(identity, shared);
  }
  const sorted = [...files.values()].sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
  return stringify({ bundle: bundleKey, sha256, files: sorted }, { lineWidth: 0, blockQuote: "literal" });
}
