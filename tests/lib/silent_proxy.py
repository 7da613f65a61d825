#!/usr/bin/python3
"""A proxy before a server that can go silent, as a network does whose cable is
cut: connections stay, and nothing comes.

	silent_proxy.py HOST:PORT[/PATH]	prints its URL, and a line for
						whatever it takes and keeps

SIGUSR1: from now on nothing gets through.  SIGUSR2: everything does again, on
new connections.  It prints a line, "heard", when that is so."""
import signal
import socket
import sys
import threading

server, _, path = sys.argv[1].partition("/")
host, port = server.split(":")
silent = threading.Event()


def hear(number, _):
    (silent.set if number == signal.SIGUSR1 else silent.clear)()
    print("heard", flush=True)


signal.signal(signal.SIGUSR1, hear)
signal.signal(signal.SIGUSR2, hear)


def pass_on(source, target, dead):
    try:
        while data := source.recv(65536):
            if silent.is_set():
                dead.set()
            if dead.is_set():
                print("kept", flush=True)
                continue
            target.sendall(data)
    except OSError:
        pass
    if not dead.is_set():
        for s in source, target:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client):
    upstream = socket.create_connection((host, int(port)))
    dead = threading.Event()
    for a, b in (client, upstream), (upstream, client):
        threading.Thread(target=pass_on, args=(a, b, dead), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}" + (f"/{path}" if path else ""), flush=True)
while True:
    serve(listener.accept()[0])
