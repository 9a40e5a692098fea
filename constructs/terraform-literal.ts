/**
 * Escapes text so that Terraform passes it on as it is.
 *
 * Every string of a plan is a template to Terraform: `${HOME}` of a shell script would be an
 * invalid reference, `%{http_code}` of a curl command an invalid directive.
 * Use it on any text that does not come from a Terraform reference.
 */
export function terraformLiteral(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => opening[0] + opening);
}
