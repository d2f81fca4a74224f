// The scripts of every page. Each module is one feature, and comfort only: all functions of the
// service also work through links and forms, in browsers that run no scripts or know no modules.
// The modules import each other without circles (modules.go). The order below is that in which they
// hear the same event. The page of a room has composer.js as well.

import './listed.js';
import './log.js';
import './title.js';
import './read.js';
import './unread.js';
import './latest.js';
import './errors.js';
import './stream.js';
import './swap.js';
import './navigate.js';
import './target.js';
import './current.js';
import './copy.js';
import './connection.js';
import './links.js';
import './menus.js';
import './other.js';
import './partners.js';
import './reads.js';
import './fold.js';
import './zone.js';
import './activity.js';
import './announce.js';
import './roving.js';
import './filter.js';
import './jump.js';
import './account.js';
import './file.js';
import './home.js';

// The style sheet hides what needs scripts (.needs-script) until this class is there.
document.documentElement.classList.add('scripted');
