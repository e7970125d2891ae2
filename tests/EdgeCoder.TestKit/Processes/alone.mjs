// Runs a program that has no network but loopback, inside that emptiness. Arguments: the socket to which its one door leads, the port of the door, the port of
// a proxy that refuses and writes down who was asked for, the file for that, the program and its arguments.
import net from 'node:net';
import { appendFileSync } from 'node:fs';
import { spawn } from 'node:child_process';

const [, , socket, doorPort, proxyPort, attempts, program, ...rest] = process.argv;

const listen = (server, port) => new Promise((ready) => server.listen(Number(port), '127.0.0.1', ready));

const door = net.createServer((near) => {
  const far = net.connect(socket);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
  near.pipe(far).pipe(near);
});
const proxy = net.createServer((asking) => {
  asking.on('error', () => {});
  asking.once('data', (bytes) => {
    appendFileSync(attempts, bytes.toString().split('\r\n')[0] + '\n');
    asking.destroy();
  });
});
await Promise.all([listen(door, doorPort), listen(proxy, proxyPort)]);
spawn(program, rest, { stdio: 'inherit' }).on('error', (fault) => {
  console.error(String(fault));
  process.exit(127);
}).on('exit', (code) => process.exit(code ?? 1));
