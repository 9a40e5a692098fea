import { join } from "node:path";
import nunjucks from "nunjucks";

const templatesDir = import.meta.dirname;

/**
 * The one renderer. Its delimiters are its own, so that `{{ }}` of Salt and `${ }` of shells pass through.
 * A value that is missing is an error; a missing condition would not be, so contexts are typed, never optional.
 */
const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(templatesDir), {
  autoescape: false,
  throwOnUndefined: true,
  trimBlocks: true,
  lstripBlocks: true,
  tags: {
    variableStart: "<<",
    variableEnd: ">>",
    blockStart: "<%",
    blockEnd: "%>",
    commentStart: "<#",
    commentEnd: "#>",
  },
});

/**
 * Renders a template of this folder.
 *
 * @param template - path in this folder, such as `proxy/nginx.conf.njk`
 * @param context - everything that the template uses, besides `banner`
 */
export function render(template: string, context: object): string {
  const banner = `Managed by registry-cluster from ${join("templates", template)}: changes made here are overwritten.`;
  return environment.render(template, { ...context, banner });
}
