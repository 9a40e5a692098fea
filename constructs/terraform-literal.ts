/**
 * Escapes text so that Terraform passes it on unchanged.
 *
 * Terraform treats every string of a plan as a template: `${HOME}` in a shell script would be an
 * invalid reference, and `%{http_code}` in a curl command an invalid directive.
 * Use it on all text that is not a Terraform reference.
 */
export function terraformLiteral(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => opening[0] + opening);
}
