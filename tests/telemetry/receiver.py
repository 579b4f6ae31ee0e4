"""A receiver of OTLP traces: gRPC and protobuf over HTTP, each with and without TLS.

    receiver.py ADDRESS [PORT PORT [CERTIFICATE KEY]]

Of the two ports, gRPC's and HTTP's, 0 lets the system choose; with a certificate there is
one more of each, with TLS. What it says is one JSON object a line on its output:

    {"ports": {"grpc": 1, "http": 2, "grpcs": 3, "https": 4}}       first, once it listens
    {"by": "grpc", "headers": {...}, "answered": "ok", "spans": [{...}]}    for each request

What it hears is one JSON object a line on its input, and an empty one is what it does at
first. It ends with its input.

    {"refuse": 2, "retry_after": 1}     that many requests are answered with UNAVAILABLE or 503
    {"reject": 1}                       that many with INVALID_ARGUMENT or 400
    {"delay": 0.5}                      every answer takes so many seconds
"""

import gzip
import json
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

orders, lock = {}, threading.Lock()


def say(line):
    with lock:
        print(json.dumps(line), flush=True)


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(each) for each in any_value.array_value.values]
    found = getattr(any_value, kind) if kind else None
    return found.hex() if isinstance(found, bytes) else found


def attributes(of):
    pairs = [(each.key, value(each.value)) for each in of]
    assert len(dict(pairs)) == len(pairs), f"a key twice: {pairs}"
    return dict(pairs)


def spans(request):
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "trace": span.trace_id.hex(),
                    "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "state": span.trace_state,
                    "flags": span.flags,
                    "name": span.name,
                    "kind": Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
                    "start": span.start_time_unix_nano,
                    "end": span.end_time_unix_nano,
                    "attributes": attributes(span.attributes),
                    "status": Status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_").lower(),
                    "events": [event.name for event in span.events],
                    "resource": attributes(resource.resource.attributes),
                    "schema": resource.schema_url or scope.schema_url,
                }


def take(by, headers, request):
    """What the request is answered with, once it has been said."""
    time.sleep(orders.get("delay", 0))
    with lock:
        answer = "ok"
        for kind in ("refuse", "reject"):
            if answer == "ok" and orders.get(kind, 0) > 0:
                orders[kind] -= 1
                answer = kind
    say({"by": by, "at": time.time(), "headers": headers, "answered": answer, "spans": list(spans(request))})
    return answer


class Traces(grpc.GenericRpcHandler):
    def __init__(self, by):
        self.by = by

    def service(self, call):
        if call.method != "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
            return None
        return grpc.unary_unary_rpc_method_handler(
            self.export, ExportTraceServiceRequest.FromString, ExportTraceServiceResponse.SerializeToString
        )

    def export(self, request, context):
        headers = {key: text for key, text in context.invocation_metadata() if isinstance(text, str)}
        answer = take(self.by, headers, request)
        if answer == "refuse":
            context.abort(grpc.StatusCode.UNAVAILABLE, "as ordered")
        if answer == "reject":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "as ordered")
        return ExportTraceServiceResponse()


class Post(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path != "/v1/traces" or self.headers["content-type"] != "application/x-protobuf":
            return self.answer(404)
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        headers = {key.lower(): text for key, text in self.headers.items()}
        answer = take(self.server.by, headers, ExportTraceServiceRequest.FromString(body))
        self.answer({"ok": 200, "refuse": 503, "reject": 400}[answer])

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")
        if status == 503 and "retry_after" in orders:
            self.send_header("retry-after", str(orders["retry_after"]))
        self.end_headers()

    def log_message(self, *_):
        pass


def listen_grpc(by, place, credentials=None):
    # Without it, another receiver might take the same port and half of the connections.
    server = grpc.server(ThreadPoolExecutor(8), handlers=[Traces(by)], options=[("grpc.so_reuseport", 0)])
    port = server.add_secure_port(place, credentials) if credentials else server.add_insecure_port(place)
    server.start()
    return server, port


def listen_http(by, address, port, context=None):
    server = ThreadingHTTPServer((address, port), Post)
    server.by, server.daemon_threads = by, True
    server.handle_error = lambda *_: None  # a client that goes away is none
    if context:
        # The handshake waits for the first read, which is a thread's of its own.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, server.server_port


def main(address, grpc_port="0", http_port="0", certificate=None, key=None):
    servers = {
        "grpc": listen_grpc("grpc", f"{address}:{grpc_port}"),
        "http": listen_http("http", address, int(http_port)),
    }
    if certificate:
        with open(certificate, "rb") as file, open(key, "rb") as secret:
            credentials = grpc.ssl_server_credentials([(secret.read(), file.read())])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        servers["grpcs"] = listen_grpc("grpcs", f"{address}:0", credentials)
        servers["https"] = listen_http("https", address, 0, context)
    say({"ports": {name: port for name, (_, port) in servers.items()}})
    for line in sys.stdin:
        with lock:
            orders.clear()
            orders.update(json.loads(line))


main(*sys.argv[1:])
