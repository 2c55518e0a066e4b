// Python, SQLite and Datasette, in a worker so that the page stays responsive. The first message says what to load, and each later one asks for a page.
import { loadPyodide } from './pyodide.mjs';

let arrived = 0;
let datasette;

self.onmessage = async ({ data, ports }) => {
  if (data.parts) {
    await start(data.parts).catch(error => report({ failed: String(error.message ?? error) }));
    return;
  }
  const [port] = ports;
  try {
    const answered = await datasette.answer(data.path, data.query);
    const [status, headers, body] = answered.toJs();
    answered.destroy();
    port.postMessage({ status, headers, body: body.buffer }, [body.buffer]);
  } catch (error) {
    port.postMessage({ error: `Datasette failed: ${String(error.message ?? error).trim().split('\n').at(-1)}` });
  }
};

async function start({ base, files, database }) {
  countWhatArrives();
  report({ step: 'Fetching Python and Datasette' });
  const [python, packages, configuration, program, content] = await Promise.all([
    loadPyodide({ indexURL: new URL('./', import.meta.url).href, env: { HOME: '/home/pyodide' } }),
    bytesOf(files.packages),
    textOf(files.configuration),
    textOf(files.program),
    bytesOf(files.database, true),
  ]);
  report({ step: 'Starting Datasette' });
  python.unpackArchive(packages, 'zip', { extractDir: python.runPython('import sysconfig; sysconfig.get_path("purelib")') });
  python.FS.writeFile(`/${database}`, new Uint8Array(content));
  python.FS.writeFile('/home/pyodide/asgi_bridge.py', program);
  const module = python.pyimport('asgi_bridge');
  datasette = module.Answering(`/${database}`, configuration, base, self.location.origin);
  await datasette.start();
  report({ ready: module.versions() });
}

// Count the bytes of every answer, including Pyodide's own, so that the page can show progress. Only WebAssembly is left as
// it came: the browser caches its compiled form for the next visit, but not that of a modified answer.
function countWhatArrives() {
  const plain = self.fetch;
  self.fetch = async (...request) => {
    const response = await plain(...request);
    if (!response.ok || !response.body || response.url.endsWith('.wasm')) return response;
    const counted = response.body.pipeThrough(new TransformStream({
      transform(chunk, controller) {
        arrived += chunk.byteLength;
        report({ arrived });
        controller.enqueue(chunk);
      },
    }));
    return new Response(counted, { headers: response.headers });
  };
}

async function get(address) {
  const response = await self.fetch(new URL(address, import.meta.url));
  if (!response.ok) throw new Error(`${address.split('?')[0]} is missing on the server (${response.status}).`);
  return response;
}

const textOf = async address => (await get(address)).text();

async function bytesOf(address, gzipped = false) {
  const response = await get(address);
  if (!gzipped) return response.arrayBuffer();
  return new Response(response.body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

function report(message) {
  self.postMessage(message);
}
