import { expect } from "vitest";
import type { OperatorError } from "../../../common/errors.ts";

/** The error of a failed build, which must be one for the operator. */
export async function failureOf(build: Promise<unknown>): Promise<OperatorError> {
  const error = await build.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(error).toMatchObject({ name: "OperatorError" });
  return error as OperatorError;
}
