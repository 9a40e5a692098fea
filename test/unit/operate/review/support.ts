import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommentProps, renderComment } from "../../../../operate/review/comment.ts";

/** What `cdktf diff` really printed; see diffs/README.md. */
export type Recording =
  | "create"
  | "no-changes"
  | "setting"
  | "proxy-removed"
  | "instances-replaced"
  | "bucket-renamed"
  | "no-credentials"
  | "wrong-config";

export function recording(name: Recording): string {
  return readFileSync(join(import.meta.dirname, "diffs", `${name}.txt`), "utf8");
}

/** The recording of a stack, as if the stack had another name. */
export function ofStack(stack: string, text: string): string {
  return text.replaceAll(/^registry {2}/gm, `${stack}  `).replaceAll(/^ {10}/gm, " ".repeat(stack.length + 2));
}

export function commentOf(output: string, props: Partial<CommentProps> = {}): string {
  return renderComment({ output, failed: false, title: "Terraform plan", ...props });
}

/** A plan in which Terraform changes a text, with the given lines in it as they are. */
export function planWith(...lines: string[]): string {
  const plan = [
    "\u001b[0m\u001b[1mInitializing the backend...\u001b[0m",
    "Terraform will perform the following actions:",
    "",
    "\u001b[1m  # aws_s3_object.pointer\u001b[0m will be updated in-place",
    '\u001b[0m  \u001b[33m~\u001b[0m\u001b[0m resource "aws_s3_object" "pointer" {',
    "      \u001b[33m~\u001b[0m\u001b[0m content = <<-EOT",
    ...lines.map((line) => `          \u001b[32m+\u001b[0m\u001b[0m ${line}`),
    "        EOT",
    "    }",
    "",
    "\u001b[1mPlan:\u001b[0m 0 to add, 1 to change, 0 to destroy.",
  ];
  return plan.map((line, i) => `${i === 0 ? "registry  " : " ".repeat(10)}${line}`).join("\n");
}
