import { join } from "node:path";
import nunjucks from "nunjucks";

const templatesDir = import.meta.dirname;

/**
 * The only renderer. It has its own delimiters, so that `{{ }}` of Salt and `${ }` of shells pass through unchanged.
 * A missing value is an error, but a missing condition is not, so contexts are typed, without optional fields.
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
 * @param context - everything that the template uses except `banner`
 */
export function render(template: string, context: object): string {
  const banner = `Managed by registry-cluster from ${join("templates", template)}: changes made here are overwritten.`;
  return environment.render(template, { ...context, banner });
}
