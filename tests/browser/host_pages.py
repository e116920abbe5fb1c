"""A shop's own pages on another origin: as strict as a content security policy can be, with the widget's script tag."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = """<!doctype html><html lang="{lang}" dir="{dir}"><head><title>A shop</title>
<meta name="viewport" content="width=device-width"></head><body{body}><h1>A shop's page</h1><a href="/other">Other</a>
<button id="mine">Mine</button><script src="/page.js"></script>{scripts}</body></html>"""
# What the page does by itself: it puts things into its cart, and keeps count of them.
SCRIPT = """
window.cart = [];
addEventListener("shopkeeper:add-to-cart", (event) => {
  event.preventDefault();
  window.cart.push([event.detail.product_id, event.detail.variant_id, event.detail.quantity]);
  event.detail.accept(Promise.resolve());
});
addEventListener("shopkeeper:viewed-product", (event) => {
  event.preventDefault();
  window.viewed = event.detail.product_id;
});
"""


class HostPages:
    """Serves the pages of a shop whose assistant is at `assistant`; the query says how a page is.

    lang, dir, body (attributes of the body), tag (attributes of the script tag), times (script tags on the page).
    """

    def __init__(self) -> None:
        self.assistant = ""
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.answer(self)

            def log_message(self, *_: object) -> None:
                """Not on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> HostPages:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Any) -> None:
        """One request."""
        url = urlsplit(request.path)
        if url.path == "/page.js":
            return self._send(request, SCRIPT, "text/javascript")
        if url.path == "/favicon.ico":
            return self._send(request, "", "image/png")
        given = {name: values[0] for name, values in parse_qs(url.query).items()}
        tag = f'<script src="{self.assistant}/widget.js" {given.get("tag", "")} async></script>'
        html = PAGE.format(
            lang=given.get("lang", "en"),
            dir=given.get("dir", "ltr"),
            body=" " + given.get("body", ""),
            scripts=tag * int(given.get("times", "1")),
        )
        return self._send(request, html, "text/html")

    def _send(self, request: Any, text: str, media_type: str) -> None:
        request.send_response(200)
        request.send_header("content-type", f"{media_type}; charset=utf-8")
        request.send_header(
            "content-security-policy",
            f"default-src 'none'; script-src 'self' {self.assistant}; connect-src {self.assistant}; "
            f"img-src {self.assistant}; require-trusted-types-for 'script'; trusted-types 'none'",
        )
        request.end_headers()
        request.wfile.write(text.encode())
