"""A package index on this machine, with its own certificate authority and what install.sh needs."""

import hashlib
import http.server
import importlib.metadata
import ssl
import subprocess
import sysconfig
import zipfile
from contextlib import contextmanager
from functools import partial

from tests.helpers.running import answering

BUILT_WITH = ("uv", "hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers")


def wheel(folder, name, tags=None):
    """A wheel of a package as installed here, and the line that pins it."""
    package = importlib.metadata.distribution(name)
    tags = tags or (f"py3-none-{sysconfig.get_platform().replace('-', '_')}" if name == "uv" else "py3-none-any")
    stem = f"{package.metadata['Name'].replace('-', '_')}-{package.version}"
    path = folder / f"{stem}-{tags}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in package.files:
            inside, own = ".." not in file.parts, file.name in ("RECORD", "INSTALLER", "REQUESTED", "WHEEL")
            if inside and not own and file.suffix != ".pyc":
                archive.write(file.locate(), file.as_posix())
            elif file.name == "uv":
                archive.write(file.locate(), f"{stem}.data/scripts/uv")
        archive.writestr(f"{stem}.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "".join(f"{each},,\n" for each in archive.namelist()))
    return path, f"{name}=={package.version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def listed(folder):
    """The pages of an index, beside its wheels."""
    for path in folder.glob("*.whl"):
        page = folder / "simple" / path.name.partition("-")[0].replace("_", "-") / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f'<!DOCTYPE html><a href="/{path.name}">{path.name}</a>')


def authority(folder):
    """A certificate authority that no system trusts, and its certificate and key for this machine."""

    def certify(name, *options):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-config", folder / "openssl.cnf", "-days", "2", "-subj", f"/CN={name}", *options]
        command += ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"]
        subprocess.run(command, check=True, capture_output=True)
        return folder / f"{name}.pem", folder / f"{name}.key"

    (folder / "openssl.cnf").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
    root, key = certify("agency", "-addext", "basicConstraints=critical,CA:TRUE")
    names = ("-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE")
    return root, *certify("localhost", "-CA", root, "-CAkey", key, *names)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Ignore errors: clients that do not trust the authority disconnect."""


@contextmanager
def serving(folder, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with answering(server):
        yield f"https://localhost:{server.server_port}/simple"
