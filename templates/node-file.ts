/** A file of a node, before it is rendered. */
export interface NodeFile {
  /** Absolute path on the node. */
  readonly path: string;
  /** Path of the template in this folder. */
  readonly template: string;
  /** Everything that the template uses. */
  readonly context: object;
}

/** A file with a value as JSON. */
export const jsonFile = (path: string, value: object): NodeFile => ({
  path,
  template: "all/json.njk",
  context: { text: JSON.stringify(value, null, 2) },
});
