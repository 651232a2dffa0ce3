"""A server on this machine that misbehaves as asked, for test_files.py."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = b"<!DOCTYPE html>\n<html><title>Please sign in</title></html>"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 12345\n"


class Site:
    """A server: content maps paths to bytes, plan to what to do, request by request.

    A plan is a list; its last entry holds for all later requests. Entries: "ok" (ranges and
    all), "no ranges", ("break", k) after k bytes, ("stall", k), ("slow", seconds), a status such
    as 503, ("send", other bytes), "other part", "too much", ("short", k) of k bytes and no
    length said before. log holds (path, Range) of each GET.
    """

    def __init__(self):
        self.content, self.plan, self.log = {}, {}, []
        self.retry_after = "0"
        self.open = threading.Event()                           # set: stalling may end

    def __enter__(self):
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.log.append((self.path, self.headers.get("Range")))
                steps = site.plan.get(self.path, ["ok"])
                site.answer(self, steps.pop(0) if len(steps) > 1 else steps[0])

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def answer(self, to, step):
        """Answer one request."""
        name, amount = step if isinstance(step, tuple) else (step, None)
        if isinstance(step, int):
            to.send_response(step)
            if step == 503:
                to.send_header("Retry-After", self.retry_after)
            to.send_header("Content-Length", "0")
            to.end_headers()
            return
        body = amount if name == "send" else self.content[to.path]
        first, stop = 0, len(body)
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", to.headers.get("Range", ""))
        if found and name not in ("no ranges", "send"):
            if found[1]:
                first, stop = int(found[1]), min(int(found[2] or stop) + 1, stop)
            else:
                first = max(0, stop - int(found[2]))
            if first >= stop:
                to.send_response(416)
                to.send_header("Content-Length", "0")
                to.end_headers()
                return
            shown = first + 1 if name == "other part" else first
            to.send_response(206)
            to.send_header("Content-Range", f"bytes {shown}-{stop - 1}/{len(body)}")
        else:
            to.send_response(200)
        part = body[first:stop]
        if name == "too much":
            part += bytes(100)                                  # and no length said before
        elif name == "short":
            part = part[:amount]
        else:
            to.send_header("Content-Length", str(len(part)))
        to.end_headers()
        if name in ("break", "stall"):
            part = part[:amount]
        if name == "slow":
            self.open.wait(amount)
        to.wfile.write(part)
        to.wfile.flush()
        if name == "stall":
            self.open.wait(20)
