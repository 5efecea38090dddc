"""Stands in front of a registry or a console as a company's gateway does: TLS, client certificates, passwords.

Arguments: file to write the port to, upstream (host:port), server certificate (or - for no TLS), server key,
authority of client certificates (or -), value that the header Authorization must have (or -).
"""

import http.client
import http.server
import os
import ssl
import sys

port_file, upstream, certificate, key, authority, expected = sys.argv[1:]


class Guard(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if expected != "-" and self.headers.get("Authorization") != expected:
            return self.answer(401, "application/json", b'{"error_code": 401, "message": "Unauthorized"}')
        connection = http.client.HTTPConnection(upstream, timeout=10)
        headers = {"Content-Type": self.headers["Content-Type"]} if self.headers.get("Content-Type") else {}
        connection.request(self.command, self.path, body or None, headers)
        response = connection.getresponse()
        self.answer(response.status, response.getheader("Content-Type", "text/plain"), response.read())

    do_GET = do_POST = do_PUT = handle_request

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # A client that does not like the certificate goes away: that is what is tested.


server = Server(("127.0.0.1", 0), Guard)
if certificate != "-":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if authority != "-":
        context.load_verify_locations(authority)
        context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(port_file + ".tmp", "w") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".tmp", port_file)
server.serve_forever()
