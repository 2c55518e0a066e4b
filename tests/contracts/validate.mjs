// Checks every HTML file below a folder against html-validate's recommended rules; prints each fault on a line.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HtmlValidate, StaticConfigLoader } from "html-validate";

const rules = {
  extends: ["html-validate:recommended"],
  // Scrolling tables can be focused for keyboards; void elements and long lines are a matter of taste.
  rules: { "void-style": ["error", { style: "omit" }], "long-title": "off", "no-trailing-whitespace": "off" },
};
const validator = new HtmlValidate(new StaticConfigLoader({ root: true, ...rules }));
const folder = process.argv[2];

for (const name of readdirSync(folder, { recursive: true }).filter((each) => each.endsWith(".html") && !each.startsWith("explore"))) {
  const report = validator.validateStringSync(readFileSync(join(folder, name), "utf8"), name);
  for (const { messages } of report.results)
    for (const { line, column, ruleId, message } of messages) console.log(`${name}:${line}:${column} ${ruleId}: ${message}`);
}
