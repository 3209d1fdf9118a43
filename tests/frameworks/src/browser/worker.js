// A service worker as sites have it: from the network, keeping what was good; from what was kept when
// there is no network.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => event.respondWith(fromNetwork(event.request)));

async function fromNetwork(request) {
  const kept = await caches.open("site");
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    return (await kept.match(request)) ?? Promise.reject(error);
  }
  if (response.ok && request.method === "GET") {
    await kept.put(request, response.clone());
  }
  return response;
}
