"""An authorization server in a thread; everybody gets the token they ask for."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """Signs with one key; `audience` is set once the node's address is known."""

    def __init__(self):
        self.key = Ed25519PrivateKey.generate()
        self.kid = base64url(self.key.public_key().public_bytes_raw()[:6])
        self.audience = None
        self.life = 600
        self.granted = []  # The scopes of every token that was handed out.
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("H", (Pages,), {"issuer": self}))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def keys(self):
        x = base64url(self.key.public_key().public_bytes_raw())
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid, "use": "sig"}]}

    def token(self, scope="messaging", life=None, key=None, header=None, **claims):
        header = {"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid} | (header or {})
        now = int(time.time())
        body = {
            "iss": self.url, "aud": self.audience, "sub": "ann", "client_id": "desk",
            "iat": now, "exp": now + (self.life if life is None else life), "scope": scope,
        } | claims
        text = ".".join(base64url(json.dumps(part).encode()) for part in (header, body))
        return text + "." + base64url((key or self.key).sign(text.encode()))


class Pages(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = self.issuer.url
        if urlsplit(self.path).path == "/authorize":
            asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            back = urlencode({"code": asked.get("scope", ""), "state": asked["state"], "iss": url})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            return self.end_headers()
        if self.path != "/.well-known/oauth-authorization-server":
            return self.answer(404, {})
        self.answer(200, {
            "issuer": url, "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token", "registration_endpoint": f"{url}/register",
            "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/register":
            return self.answer(201, json.loads(body) | {
                "client_id": "desk", "token_endpoint_auth_method": "none"})
        asked = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        assert asked["resource"] == self.issuer.audience
        self.issuer.granted.append(asked["code"])
        self.answer(200, {
            "access_token": self.issuer.token(asked["code"]), "token_type": "Bearer",
            "expires_in": self.issuer.life, "scope": asked["code"]})
