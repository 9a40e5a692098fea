import { describe, expect, it } from "vitest";
import { formatFor, refuseHereDocuments } from "../../../images/builders/dockerfile-needs.ts";

describe("the format of an image", () => {
  it.each(["HEALTHCHECK CMD /ok", 'shell ["/bin/bash", "-c"]', "ONBUILD RUN make"])(
    "is Docker's for %s, which OCI's has no place for",
    (line) => {
      expect(formatFor(`FROM scratch\n${line}\n`)).toBe("docker");
    },
  );

  it("is OCI's for all else", () => {
    expect(formatFor("FROM scratch\nRUN echo HEALTHCHECK\nCOPY shell /\n")).toBe("oci");
  });
});

describe("a Dockerfile with here-documents", () => {
  const dockerfile = (line: string) => `FROM scratch\n${line}\necho hello\nEOF\n`;

  it.each(["RUN <<EOF", "RUN <<-'EOF' bash", 'COPY <<"EOF" /hello', "ADD <<EOF /hello"])(
    "is refused before the build by a buildah that is too old: %s",
    (line) => {
      expect(() => refuseHereDocuments(dockerfile(line), "buildah 1.28.2")).toThrow(
        "buildah 1.28.2 does not support the here-documents (<<) of this Dockerfile",
      );
    },
  );

  it.each(["buildah 1.33.0", "buildah 1.39.3", "buildah 2.0.0"])("is built by %s", (version) => {
    expect(() => refuseHereDocuments(dockerfile("RUN <<EOF"), version)).not.toThrow();
  });

  it("is not what shifts bits in an expression", () => {
    expect(() => refuseHereDocuments("FROM scratch\nRUN echo $((1 << 4))\n", "buildah 1.28.2")).not.toThrow();
  });
});
