// The main part of another page, as the server sends it for a page in place (navigate.js). Without
// scripts pages are whole.

import { $ } from './dom.js';

// request returns { address, text } of the main part of a page, or null for any other answer. The
// page is that around the message of a place, if the place is elsewhere than on the page itself.
export async function request(address, place, signal) {
  const headers = { Accept: 'text/html', 'HX-Request': 'true', 'HX-Target': 'main#main' };
  const answer = await fetch(address, { headers, signal }), text = await answer.text();
  if (!answer.ok || !text.startsWith('<title>') || !text.includes(surroundings())) return null;
  if (place?.id && !text.includes(`id="${place.id}"`) && !address.includes('around=')) {
    const around = await request(`${address.split(/[?#]/)[0]}?around=${place.id.slice(1)}`, undefined, signal);
    if (around?.text.includes(`id="${place.id}"`)) return { ...around, address: new URL(address) };
  }
  const to = new URL(answer.url);
  to.hash = new URL(address).hash;
  return { address: to, text };
}

const surroundings = () => `data-surroundings="${$('#main').dataset.surroundings}"`;
