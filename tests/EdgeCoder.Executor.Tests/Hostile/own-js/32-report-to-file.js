// SAFE: node's own dumps must not be written anywhere but into the scratch directory
const v8 = require('v8'); for (const place of ['@CANARY_DIR@/dump', '/var/tmp/pwned', '/usr/lib/pwned']) { try { process.report.writeReport(place); } catch {} try { v8.writeHeapSnapshot(place); } catch {} } console.log('done');
