"""Runs a plan in a network of its own and tells which packets were meant for another machine.

Started in fresh user, mount and network namespaces. The only device is lo; every address of the world is routed into it, so that a packet for another
machine is sent like anywhere else and the recorder sees it. Names are asked at an address of that world too. The plan comes as a file, the findings go to
standard output, both JSON.
"""
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

SIOCADDRT, SIOCSIFFLAGS, SIOCSIFADDR = 0x890B, 0x8914, 0x8916
ETH_P_ALL, ETH_P_IP, ETH_P_IPV6, PACKET_OUTGOING = 0x0003, 0x0800, 0x86DD, 4
SO_ATTACH_FILTER, SO_RCVBUFFORCE = 26, 33
OWN, NAMES, MARK = "192.0.2.1", "198.51.100.53", ("198.51.100.99", 9)


def address(text):
    return struct.pack("HH4s8s", socket.AF_INET, 0, socket.inet_aton(text), b"")


def network():
    control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", 1, b""))
    fcntl.ioctl(control, SIOCSIFADDR, struct.pack("16s16s", b"lo:1", address(OWN)))
    device = ctypes.create_string_buffer(b"lo")
    everywhere = struct.pack("L16s16s16sHhLLhPLLH6x", 0, *[address("0.0.0.0")] * 3, 1, 0, 0, 0, 0, ctypes.addressof(device), 0, 0, 0)
    fcntl.ioctl(control, SIOCADDRT, everywhere)
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as resolver:
        resolver.write(f"nameserver {NAMES}\noptions timeout:1 attempts:1\n")
    os.chmod(resolver.name, 0o644)
    subprocess.run(["mount", "--bind", resolver.name, "/etc/resolv.conf"], check=True)


def only_what_may_leave(recorder):
    """What this machine says to itself would fill the recorder's queue on a busy machine, and what must be seen would be lost: the kernel drops it, names apart."""
    program = [
        (0x28, 0, 0, 0xFFFFF000), (0x15, 0, 9, ETH_P_IP),  # another protocol than IPv4: keep
        (0x20, 0, 0, 16), (0x54, 0, 0, 0xFF000000), (0x15, 0, 6, 0x7F000000),  # to another address than 127.0.0.0/8: keep
        (0x30, 0, 0, 9), (0x15, 1, 0, 17), (0x15, 0, 4, 6),  # neither UDP nor TCP: drop
        (0xB1, 0, 0, 0), (0x48, 0, 0, 2), (0x15, 0, 1, 53),  # port 53: keep
        (0x06, 0, 0, 0xFFFFFFFF), (0x06, 0, 0, 0),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in program))
    recorder.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(code)))
    try:
        recorder.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    except OSError:
        pass  # where an ordinary user may not: as much as the system allows


class Recorder(threading.Thread):
    """Every packet that is sent and not for this machine, by the phase in which it was sent."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        only_what_may_leave(self.socket)
        self.socket.bind(("lo", ETH_P_ALL))
        self.seen, self.phase, self.mark, self.marked = {}, "before", 0, threading.Event()

    def run(self):
        while True:
            packet, (_, kind, direction, *_) = self.socket.recvfrom(65535)
            if direction != PACKET_OUTGOING:
                continue
            if kind == ETH_P_IP:
                to, source = socket.inet_ntoa(packet[16:20]), socket.inet_ntoa(packet[12:16])
                port = struct.unpack_from("!H", packet, (packet[0] & 15) * 4 + 2)[0] if packet[9] in (6, 17) else 0
                own = to.startswith("127.") or to == OWN and source == OWN
            elif kind == ETH_P_IPV6:
                to, port = socket.inet_ntop(socket.AF_INET6, packet[24:40]), 0
                own = to == "::1"
            else:
                to, port, own = f"ethertype {kind:#x}", 0, False
            if (to, port) == MARK:
                if packet.endswith(b"mark %d" % self.mark):
                    self.marked.set()
            elif not own or port == 53:
                self.seen.setdefault(self.phase, []).append(f"{to}:{port}")

    def enter(self, phase):
        # What was sent before is read before: the mark is queued behind it.
        self.mark += 1
        self.marked.clear()
        for _ in range(300):
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"mark %d" % self.mark, MARK)
            if self.marked.wait(1):
                self.phase = phase
                return
        raise SystemExit("the recorder sees nothing")


def start(plan, process):
    running = subprocess.Popen(
        [plan["program"], *process["arguments"]], env={**plan["environment"], **process["environment"]}, cwd=plan["directory"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
    said = ""
    for line in running.stdout:
        said += line
        if json.loads(line).get("type") == process["until"]:
            # What it still says is this program's errors, for a failing test.
            threading.Thread(target=lambda: sys.stderr.write(running.stdout.read()), daemon=True).start()
            return running
    raise SystemExit(f"{process['name']} ended before it said {process['until']}: {said}")


def call(one):
    headers = {"Content-Type": "application/json", **one.get("headers", {})}
    if "keyFile" in one:
        with open(one["keyFile"]) as key:
            headers["Authorization"] = "Bearer " + key.read().strip()
    body = json.dumps(one["body"]).encode() if "body" in one else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(one["url"], body, headers), timeout=300) as answer:
            return {"status": answer.status, "body": answer.read().decode()}
    except urllib.error.HTTPError as refused:
        return {"status": refused.code, "body": refused.read().decode()}


def main():
    with open(sys.argv[1]) as file:
        plan = json.load(file)
    network()
    recorder = Recorder()
    recorder.start()
    answers, running = {}, []
    try:
        for process in plan["processes"]:
            recorder.enter("start of " + process["name"])
            running.append(start(plan, process))
        for one in plan["runs"]:
            recorder.enter(one["name"])
            done = subprocess.run([plan["program"], *one["arguments"]], env={**plan["environment"], **one["environment"]}, cwd=plan["directory"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
            answers[one["name"]] = {"status": done.returncode, "body": done.stdout + done.stderr}
        for one in plan["calls"]:
            recorder.enter(one["name"])
            answers[one["name"]] = call(one)
        recorder.enter("end")
        for process in running:
            if process.poll() is not None:
                raise SystemExit("one of them ended by itself")
        for process in running:
            process.send_signal(signal.SIGINT)
            process.wait(120)
        recorder.enter("a planted packet")
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"planted", ("198.51.100.7", 443))
        recorder.enter("a planted name")
        try:
            socket.getaddrinfo("planted.example", 443)
        except OSError:
            pass
        recorder.enter("after")
    finally:
        for process in running:
            process.kill()
    print(json.dumps({"packets": recorder.seen, "answers": answers}))


main()
