"""A registry of images on loopback, with one image of no content; enough of it for an engine to pull."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@contextmanager
def serving(variables):
    """(port, digest) of an image whose configuration has these variables."""
    blobs, digest = _image(variables)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = blobs.get(self.path.rpartition("/")[2])
            content, kind = found or (b"{}", "application/json")
            self.send_response(200 if found or self.path in {"/v2/", "/v2"} else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(content).hexdigest()}")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815 - the name that the server looks for

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, digest
    finally:
        server.shutdown()
        server.server_close()


def _image(variables):
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("nothing"))
    packed = gzip.compress(layer.getvalue(), mtime=0)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": [f"{name}={value}" for name, value in variables.items()]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer.getvalue())]},
        }
    ).encode()
    kind = "application/vnd.docker"
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": f"{kind}.container.image.v1+json", "size": len(config), "digest": _digest(config)},
            "layers": [
                {"mediaType": f"{kind}.image.rootfs.diff.tar.gzip", "size": len(packed), "digest": _digest(packed)}
            ],
        }
    ).encode()
    parts = {_digest(one): (one, "application/octet-stream") for one in (config, packed)}
    return parts | {_digest(manifest): (manifest, MANIFEST)}, _digest(manifest)


def _digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
