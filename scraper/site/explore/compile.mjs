// Compiles an archive of Python packages for the browser, with the browser's own Python, in Node.js:
//     node compile.mjs FOLDER-OF-PYODIDE ARCHIVE RESULT
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, archive, result] = process.argv.slice(2).map(path => resolve(path));
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const python = await loadPyodide({ env: { HOME: '/', PYTHONHASHSEED: '0' } });
python.FS.writeFile('/packages.zip', readFileSync(archive));
try {
  python.runPython(`
import importlib.util, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

with zipfile.ZipFile("/packages.zip") as packed, zipfile.ZipFile("/compiled.zip", "w") as compiled:
    for entry in packed.infolist():
        content = packed.read(entry)
        if entry.filename.endswith(".py"):
            code = compile(content, entry.filename, "exec", dont_inherit=True, optimize=2)
            content = _code_to_hash_pyc(code, importlib.util.source_hash(content), checked=False)
            entry = zipfile.ZipInfo(entry.filename + "c", entry.date_time)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        compiled.writestr(entry, content, compresslevel=9)
`);
} catch (error) {
  console.error(error.message.trim().split('\n').at(-1));
  process.exit(1);
}
writeFileSync(result, python.FS.readFile('/compiled.zip'));
