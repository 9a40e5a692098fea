import { expect } from "vitest";
import type { OperatorError } from "../../../common/errors.ts";

/** How a build fails, which it must do in words for the operator. */
export async function failureOf(build: Promise<unknown>): Promise<OperatorError> {
  const error = await build.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(error).toMatchObject({ name: "OperatorError" });
  return error as OperatorError;
}
