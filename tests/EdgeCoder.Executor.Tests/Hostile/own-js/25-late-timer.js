// SAFE: waiting for a timer that is far away must reach the limit
setTimeout(() => console.log('late'), 1e9);
