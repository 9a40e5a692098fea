// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { terraformLiteral } from "../../../constructs/terraform-literal.ts";

/** What Terraform makes of the escapes in a template without references. */
const asTerraformReads = (template: string) => template.replaceAll(/([$%])\1\{/g, "$1{");

describe("text for Terraform", () => {
  it.each([
    ["a shell variable", 'echo "${HOME}"', 'echo "$${HOME}"'],
    ["a curl format", "curl -w '%{http_code}'", "curl -w '%%{http_code}'"],
    ["what looks escaped already", "$${HOME}", "$$${HOME}"],
    ["an nginx variable", "proxy_set_header Host $http_host;", "proxy_set_header Host $http_host;"],
    ["a percent sign", "100% {", "100% {"],
    ["nothing", "", ""],
  ])("carries %s", (_, text, escaped) => {
    expect(terraformLiteral(text)).toBe(escaped);
  });

  it("reads as it was written, whatever it was", () => {
    const text = fc.array(fc.constantFrom("$", "%", "{", "}", "a", '"', "\\", "\n")).map((parts) => parts.join(""));
    fc.assert(fc.property(text, (written) => asTerraformReads(terraformLiteral(written)) === written));
  });
});
