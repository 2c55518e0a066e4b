// The Explore page: starts Datasette in a worker, lets the service worker ask it, and shows it in the frame.
// The page's own address is explore/#/database/table?..., a form that works with any server.
const main = document.querySelector('main');
const frame = document.querySelector('iframe');
const step = document.querySelector('[role=status]');
const bar = document.querySelector('progress');
const app = new URL('app', document.baseURI).href;
const title = document.title;
let worker;
let running = false;

const NEEDED = {
  'a secure connection (https)': () => window.isSecureContext,
  'service workers, which some browsers refuse in private windows': () => 'serviceWorker' in navigator,
  WebAssembly: () => typeof WebAssembly === 'object',
  'unpacking of compressed data': () => typeof DecompressionStream === 'function',
};

begin();

async function begin() {
  const lacking = Object.keys(NEEDED).filter(name => !NEEDED[name]());
  if (lacking.length) {
    fail(`This browser lacks ${lacking.join(', and ')}.`);
    return;
  }
  try {
    await Promise.all([answerAddresses(), startDatasette()]);
  } catch (error) {
    fail(error.message);
    return;
  }
  running = true;
  frame.addEventListener('load', arrived);
  window.addEventListener('hashchange', () => show(wanted()));
  main.dataset.state = 'running';
  show(wanted());
}

function startDatasette() {
  const parts = JSON.parse(document.querySelector('#parts').textContent);
  bar.max = parts.bytes;
  return new Promise((resolve, reject) => {
    worker = new Worker(parts.files.worker, { type: 'module' });
    worker.onerror = event => {
      event.preventDefault();
      reject(new Error(event.message || 'This browser cannot start the program, or it is missing on the server.'));
    };
    worker.onmessage = ({ data }) => {
      if (data.step) step.textContent = `${data.step} …`;
      if (data.arrived) bar.value = data.arrived;
      if (data.arrived >= parts.bytes) bar.removeAttribute('value'); // the rest is not counted
      if (data.failed) reject(new Error(data.failed));
      if (data.ready) resolve();
    };
    worker.postMessage({ parts: { ...parts, base: new URL(`${app}/`).pathname } });
  });
}

async function answerAddresses() {
  let registration;
  try {
    registration = await navigator.serviceWorker.register('service-worker.js', { scope: 'app/', updateViaCache: 'none' });
  } catch (error) {
    throw new Error(`This browser refuses service workers, as some do in private windows (${error.name}).`);
  }
  navigator.serviceWorker.addEventListener('message', ({ data, ports }) => {
    if (running) worker.postMessage(data, ports);
    else ports[0].postMessage(null);
  });
  navigator.serviceWorker.startMessages();
  const newest = registration.installing ?? registration.waiting ?? registration.active;
  await new Promise((resolve, reject) => {
    const look = () => {
      if (newest.state === 'activated') resolve();
      if (newest.state === 'redundant') reject(new Error('The service worker could not be installed: reload the page.'));
    };
    newest.addEventListener('statechange', look);
    look();
  });
}

// The page of Datasette in our address, or its front page if there is none.
function wanted() {
  const path = location.hash.slice(1);
  const url = new URL(app + (path.startsWith('/') ? path : '/'));
  return url.href.startsWith(`${app}/`) ? url.href : `${app}/`;
}

function show(address) {
  if (frame.contentWindow.location.href === address) arrived();
  else frame.contentWindow.location.replace(address);
}

function arrived() {
  const { document: page, location: place } = frame.contentWindow;
  if (!place.href.startsWith(`${app}/`)) return;
  history.replaceState(null, '', `#${place.href.slice(app.length)}`);
  const heading = page.querySelector('h1')?.textContent.trim();
  document.title = heading ? `${heading} - ${title}` : title;
  page.addEventListener('click', leave);
  if (document.activeElement === document.body) frame.focus();
}

// A link out of Datasette: another site would refuse to be in a frame, and this one has no room for it.
function leave(event) {
  const link = event.target.closest?.('a[href]');
  if (!link || link.href.startsWith(`${app}/`) || !/^https?:$/.test(link.protocol)) return;
  link.target = link.origin === location.origin ? '_top' : '_blank';
  link.rel = 'noopener noreferrer';
}

function fail(reason) {
  worker?.terminate();
  main.dataset.state = 'failed';
  document.querySelector('#reason').textContent = reason;
  step.textContent = 'Explore cannot start.';
}
