// Checks action.yml and workflows, given as arguments, with GitHub's own language service for Actions.
// Prints each fault as FILE:LINE:COLUMN: MESSAGE, and exits with 1 if there are any.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";

const ROOT = join(import.meta.dirname, "../..");
const OURS = { owner: "OWNER", name: "open-source-health-statistics" };
const ADDRESS = `${OURS.owner}/${OURS.name}@v1`;

// Its modules import JSON in a way that Node 20 does not support, so it is bundled first.
const bundle = await build({
    stdin: {
        contents: `
            export { validate, registerLogger } from "@actions/languageservice";
            export { TextDocument } from "vscode-languageserver-textdocument";
            export { parse } from "yaml";`,
        resolveDir: import.meta.dirname,
    },
    bundle: true,
    format: "esm",
    mainFields: ["module", "main"],
    write: false,
});
const service = await import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].text).toString("base64")}`);

// It only logs what it cannot check.
const fail = (words) => {
    throw new Error(words);
};
service.registerLogger({ error: fail, warn: fail, info: () => {}, log: () => {} });

const isOurs = (reference) => reference.owner === OURS.owner && (reference.name ?? reference.repository) === OURS.name;
const config = {
    actionsMetadataProvider: {
        // The inputs of other actions are unknown without a network; without a list of inputs, none is refused.
        fetchActionMetadata: async (action) =>
            isOurs(action) ? service.parse(await readFile(join(ROOT, "action.yml"), "utf8")) : { name: action.name },
    },
    fileProvider: {
        getFileContent: async (reference) => ({
            name: reference.path,
            content: await readFile(join(ROOT, reference.path), "utf8"),
        }),
    },
};

let faults = 0;
for (const [number, path] of process.argv.slice(2).entries()) {
    const text = await readFile(path, "utf8");
    // A folder of the checkout can be the Action, but the service checks inputs only under the Action's address.
    const known = text.replace(/(- uses: )\.\/[\w.-]*$/gm, `$1${ADDRESS}`);
    // The service caches what it knows about an address, so each file has its own.
    const kind = basename(path) === "action.yml" ? "action.yml" : `.github/workflows/${number}.yml`;
    const document = service.TextDocument.create(`file:///${kind}`, "yaml", 1, known);
    for (const { message, range } of await service.validate(document, config)) {
        console.log(`${path}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
        faults += 1;
    }
}
process.exitCode = faults ? 1 : 0;
