// Checks rendered manifests against the types and schemas of Kubernetes that the npm packages kubernetes-models and typescript have.
//   node objects.mjs FOLDER MANIFEST...: FOLDER has node_modules; prints what is wrong, or how many objects are right.
// kubernetes-models refuses wrong values and missing fields, the compiler fields that there are not, coherence.mjs what points at nothing.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { incoherences } from "./coherence.mjs";

const [folder, ...manifests] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const { parseAllDocuments } = require("yaml");

function read(manifest) {
  return parseAllDocuments(readFileSync(manifest, "utf8"), { uniqueKeys: true }).map(document => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  }).filter(object => object);
}

const problems = [];
const seen = new Set();
let source = "";
let count = 0;
for (const manifest of manifests) {
  const objects = read(manifest);
  if (objects.length === 0) problems.push(`${basename(manifest)}: no objects`);
  problems.push(...incoherences(objects).map(problem => `${basename(manifest)}: ${problem}`));
  for (const object of objects) {
    const text = JSON.stringify(object);
    count++;
    if (seen.has(text)) continue;
    seen.add(text);
    const module = `kubernetes-models/${object.apiVersion}/${object.kind}`;
    try {
      new (require(module)[object.kind])(object).validate();
    } catch (error) {
      problems.push(`${basename(manifest)}: ${object.kind} ${object.metadata?.name}: ${error.message}`);
    }
    source += `import type { I${object.kind} as T${seen.size} } from "${module}";\nexport const o${seen.size}: T${seen.size} = ${text};\n`;
  }
}

writeFileSync(join(folder, "objects.ts"), source);
try {
  execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "objects.ts"], { cwd: folder, encoding: "utf8" });
} catch (error) {
  problems.push(error.stdout);
}

console.log(problems.length > 0 ? problems.join("\n") : `${count} objects in ${manifests.length} manifests`);
process.exit(problems.length > 0 ? 1 : 0);
