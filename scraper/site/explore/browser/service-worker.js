// Answers the addresses below app/ from Datasette, which runs in a worker of the Explore page. Nothing else passes through here.
const explore = new URL('../', self.registration.scope);

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('fetch', event => {
  const { request } = event;
  const url = new URL(request.url);
  if (!url.href.startsWith(self.registration.scope)) return; // a page below app/ asks for something outside it
  const path = url.pathname.slice(new URL(self.registration.scope).pathname.length - 1);
  // A link that was opened in a new tab: it needs the Explore page around it.
  if (request.destination === 'document') event.respondWith(Response.redirect(`${explore}#${path}${url.search}`));
  else event.respondWith(answer(request.method, path, url.search.slice(1)));
});

async function answer(method, path, query) {
  if (method !== 'GET' && method !== 'HEAD') return said(405, 'Nothing can be changed here.');
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const page of pages.filter(isExplore)) {
    const reply = await ask(page, { path, query });
    if (reply === null) continue; // it is still starting
    if (reply.error) return said(500, reply.error);
    const empty = method === 'HEAD' || [204, 304].includes(reply.status);
    return new Response(empty ? null : reply.body, { status: reply.status, headers: reply.headers });
  }
  return said(503, 'Datasette is no longer running in this browser: reload the page.');
}

function isExplore(page) {
  const url = new URL(page.url);
  return url.origin === explore.origin && [explore.pathname, `${explore.pathname}index.html`].includes(url.pathname);
}

function ask(page, question) {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    page.postMessage(question, [port2]);
  });
}

function said(status, text) {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
