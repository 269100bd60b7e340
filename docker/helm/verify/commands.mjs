// The command lines of the containers of a manifest, as a pod would get them: node commands.mjs FOLDER MANIFEST IP
// One a line, words between tabs, first the name of the owner and its grace in seconds.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, manifest, address] = process.argv.slice(2);
const { parseAllDocuments } = createRequire(join(folder, "package.json"))("yaml");
for (const { metadata, spec } of parseAllDocuments(readFileSync(manifest, "utf8")).map(document => document.toJS())) {
  if (!spec?.template) continue;
  const pod = spec.template.spec;
  const variables = { POD_IP: address, POD_NAME: `${metadata.name}-0` };
  const words = pod.containers[0].args.map(word => word.replace(/\$\((\w+)\)/g, (all, name) => variables[name] ?? all));
  console.log([metadata.name, pod.terminationGracePeriodSeconds, ...words].join("\t"));
}
