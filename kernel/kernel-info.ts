// What the kernel says of itself: the content of `kernel_info_reply`. Read once per process, and nothing in it is a promise
// that the kernel does not keep: a feature that is missing is missing from `supported_features`.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-info
import { readFileSync } from "node:fs";
import { languageInfo } from "./language-info.ts";
import { isObject, protocolVersion } from "./message.ts";

export function kernelInfo(): object {
  const version = packageVersion();
  return {
    status: "ok",
    protocol_version: protocolVersion,
    implementation: "adjoint",
    implementation_version: version,
    language_info: languageInfo,
    banner: `Adjoint ${version}: TypeScript ${languageInfo.version} on Node.js ${process.versions.node}`,
    debugger: false,
    help_links: [
      { text: "TypeScript Handbook", url: "https://www.typescriptlang.org/docs/handbook/intro.html" },
      { text: "Node.js API", url: `https://nodejs.org/docs/latest-v${process.versions.node.split(".")[0]}.x/api/` },
    ],
    supported_features: [],
  };
}

function packageVersion(): string {
  // From dist/kernel/, where the compiled file is.
  const fields: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return isObject(fields) && typeof fields["version"] === "string" ? fields["version"] : "unknown";
}
