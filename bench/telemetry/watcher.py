"""What a process that is watched has beside it: a collector that takes all, and a Prometheus.

watcher.py ADDRESS-FILE LOG RESULT collect|scrape=SECONDS...

Writes its own host:port into the first file. Looks for the console's address in the log of Weir, and asks for /metrics
as Prometheus 2 does. At SIGTERM writes what there was: requests and bytes taken, scrapes and the bytes of the last one.
"""

import re
import signal
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

address_file, log, result, *duties = sys.argv[1:]
taken = {"requests": 0, "bytes": 0, "scrapes": 0, "page": 0}
ACCEPT = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5"


class Collector(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        taken["bytes"] += len(self.rfile.read(int(self.headers["Content-Length"])))
        taken["requests"] += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def scrape(every):
    address = None
    while True:
        if address is None:
            with open(log) as file:
                found = re.search(r"address\W+(http://)?([0-9.]+:[0-9]+)", file.read())
            if not found:
                time.sleep(0.01)
                continue
            address = found[2]
        request = urllib.request.Request(f"http://{address}/metrics", headers={"Accept": ACCEPT})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                taken["page"] = len(answer.read())
            taken["scrapes"] += 1
        except OSError:
            pass  # It is gone: so is this soon.
        time.sleep(every)


def end(*_):
    with open(result, "w") as file:
        file.write(" ".join(f"{name}={number}" for name, number in taken.items()) + "\n")
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
with open(address_file, "w") as file:
    file.write(f"127.0.0.1:{server.server_port}")
for duty in duties:
    if duty.startswith("scrape="):
        threading.Thread(target=scrape, args=[float(duty.partition("=")[2])], daemon=True).start()
server.serve_forever()
