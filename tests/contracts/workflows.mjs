// Holds action.yml and workflows, given as arguments, against GitHub's own language service for Actions.
// Prints each fault as FILE:LINE:COLUMN: words, and ends with 1 if there was any.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";

const ROOT = join(import.meta.dirname, "../..");
const OURS = { owner: "OWNER", name: "open-source-health-statistics" };
const ADDRESS = `${OURS.owner}/${OURS.name}@v1`;

// It is published as modules that import JSON in a way that Node 20 does not know: so it is bundled first.
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

// What it cannot judge it only logs.
const fail = (words) => {
    throw new Error(words);
};
service.registerLogger({ error: fail, warn: fail, info: () => {}, log: () => {} });

const isOurs = (reference) => reference.owner === OURS.owner && (reference.name ?? reference.repository) === OURS.name;
const config = {
    actionsMetadataProvider: {
        // Others' inputs cannot be known without the network; without a list of them none is refused.
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
    // The Action as a folder of the checkout is the Action, but only under its address are its inputs looked at.
    const known = text.replace(/(- uses: )\.\/[\w.-]*$/gm, `$1${ADDRESS}`);
    // What is said of an address is remembered, so each file has its own.
    const kind = basename(path) === "action.yml" ? "action.yml" : `.github/workflows/${number}.yml`;
    const document = service.TextDocument.create(`file:///${kind}`, "yaml", 1, known);
    for (const { message, range } of await service.validate(document, config)) {
        console.log(`${path}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
        faults += 1;
    }
}
process.exitCode = faults ? 1 : 0;
