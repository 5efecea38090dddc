"""A collector for tests: takes OTLP over HTTP with OpenTelemetry's own messages, and tells what it got.

otlp_receiver.py ADDRESS-FILE [PORT]    writes host:port into the file once it listens

POST /v1/traces, /v1/logs, /v1/metrics  as the protocol has it
POST /mode/NAME                         from now on: ok; busy (503, Retry-After: 1); slow (answers after 3 s); refuse (400)
GET  /seen                              all that was taken, as JSON
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

lock = threading.Lock()
mode = "ok"
seen = {"spans": [], "logs": [], "metrics": {}, "resources": [], "headers": {}, "turnedAway": {}, "largest": 0}


def value(wrapped):
    kind = wrapped.WhichOneof("value")
    return [value(item) for item in wrapped.array_value.values] if kind == "array_value" else getattr(wrapped, kind)


def attributes(pairs):
    return {pair.key: str(value(pair.value)) for pair in pairs}


def take_traces(body):
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        seen["resources"].append(attributes(resource.resource.attributes))
        for scope in resource.scope_spans:
            seen["largest"] = max(seen["largest"], len(scope.spans))
            for span in scope.spans:
                assert len(span.trace_id) == 16 and len(span.span_id) == 8
                seen["spans"].append({
                    "name": span.name, "kind": span.kind, "trace": span.trace_id.hex(), "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(), "start": span.start_time_unix_nano,
                    "end": span.end_time_unix_nano, "flags": span.flags, "attributes": attributes(span.attributes),
                    "links": [link.trace_id.hex() + "-" + link.span_id.hex() for link in span.links],
                    "events": [{"name": event.name, "attributes": attributes(event.attributes)} for event in span.events],
                    "status": span.status.code, "words": span.status.message,
                })


def take_logs(body):
    for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
        seen["resources"].append(attributes(resource.resource.attributes))
        for scope in resource.scope_logs:
            for line in scope.log_records:
                seen["logs"].append({
                    "body": line.body.string_value, "severity": line.severity_number, "level": line.severity_text,
                    "time": line.time_unix_nano, "trace": line.trace_id.hex(), "span": line.span_id.hex(),
                    "attributes": attributes(line.attributes),
                })


def points(metric):
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind)
    for point in data.data_points:
        told = {"attributes": attributes(point.attributes), "start": point.start_time_unix_nano}
        if kind == "histogram":
            assert len(point.bucket_counts) == len(point.explicit_bounds) + 1
            told |= {"count": point.count, "sum": point.sum, "buckets": list(point.bucket_counts)}
            told["exemplars"] = [exemplar.trace_id.hex() + "-" + exemplar.span_id.hex() for exemplar in point.exemplars]
        else:
            told["value"] = getattr(point, point.WhichOneof("value"))
        yield told


def take_metrics(body):
    for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
        seen["resources"].append(attributes(resource.resource.attributes))
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                # The newest page of a metric counts.
                seen["metrics"][metric.name] = {
                    "kind": kind, "unit": metric.unit, "points": list(points(metric)),
                    "cumulative": kind == "gauge" or getattr(metric, kind).aggregation_temporality == 2,
                    "monotonic": kind == "sum" and metric.sum.is_monotonic,
                }


SIGNALS = {"/v1/traces": take_traces, "/v1/logs": take_logs, "/v1/metrics": take_metrics}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with lock:
            self.answer(200, json.dumps(seen).encode())

    def do_POST(self):
        global mode
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/mode/"):
            with lock:
                mode = self.path.removeprefix("/mode/")
            return self.answer(200)
        with lock:
            now = mode
        if now == "slow":
            time.sleep(3)
        if now in ("busy", "refuse"):
            with lock:
                seen["turnedAway"].setdefault(self.path, []).append(time.time())
            return self.answer(503 if now == "busy" else 400, retry=now == "busy")
        if self.path not in SIGNALS or self.headers["Content-Type"] != "application/x-protobuf":
            return self.answer(404)
        with lock:
            SIGNALS[self.path](body)
            seen["headers"] = dict(self.headers)
        self.answer(200)

    def answer(self, status, body=b"", retry=False):
        self.send_response(status)
        if retry:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
with open(sys.argv[1], "w") as file:
    file.write(f"127.0.0.1:{server.server_port}\n")
server.serve_forever()
