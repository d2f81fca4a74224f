// The time zone of somebody who signs up is the browser's.
// Without scripts the server takes the zone in which most people of the page's language live.

import { $$ } from './dom.js';

for (const input of $$('input[name=time_zone][data-detect]')) {
  input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
}
