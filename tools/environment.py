"""Make .venv with everything that the project needs, at the versions of constraints.txt.

Run by any Python: ``python tools/environment.py``. Does nothing, quickly, when the
environment is up to date. Each thing that can be wrong with a machine gets one sentence.

The syntax is that of very old Pythons, so that they too reach the sentence that turns them
away.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "made-from.txt")
LOG = os.path.join(VENV, "install.log")
EXTRAS = ".[lab,book,test]"
BIN = "Scripts" if os.name == "nt" else "bin"
PYTHON = os.path.join(VENV, BIN, "python")
CERTIFICATE = re.compile("SSLError|CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError")
NO_NETWORK = re.compile(
    "NewConnectionError|ConnectTimeout|Temporary failure in name resolution|"
    "Failed to establish a new connection|Max retries exceeded|getaddrinfo failed|"
    "Network is unreachable|Name or service not known|ProxyError|ReadTimeout")


NAME_ONE = ("py -3.13 tools\\environment.py" if os.name == "nt"
            else "make PYTHON=/path/to/python3")


def stop(sentence):
    """End with a sentence for a person."""
    sys.exit("set-up: " + sentence)


def version(python):
    """Return (major, minor) of an interpreter, or None where it does not run."""
    try:
        text = subprocess.check_output(
            [python, "-c", "import sys; print('%d %d' % sys.version_info[:2])"],
            stderr=subprocess.STDOUT)
        return tuple(int(number) for number in text.split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def find_python():
    """Return an interpreter that is new enough: this one, or another on the PATH."""
    if sys.version_info[:2] >= OLDEST:
        return sys.executable
    for minor in range(19, OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        if version(name) == (3, minor):
            return name
    stop("Python %d.%d or newer is needed, and this is %d.%d (%s). Install a newer one, or "
         "name it: %s"
         % (OLDEST + tuple(sys.version_info[:2]) + (sys.executable, NAME_ONE)))


def fingerprint():
    """Return a digest of everything that the environment is made from."""
    digest = hashlib.sha256((ROOT + EXTRAS).encode("utf-8"))
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def up_to_date():
    """Say whether .venv was made, whole, from today's files, in this folder."""
    try:
        with open(STAMP) as file:
            return file.read() == fingerprint() and os.path.exists(
                PYTHON + (".exe" if os.name == "nt" else ""))
    except (IOError, OSError):
        return False


def run(command, log):
    """Run a command with its output in the log; return whether it succeeded."""
    # the second is for the environments that newer pips build packages in, where the first
    # no longer holds; both are lists with blanks between, so the path is relative
    environment = dict(os.environ, PIP_CONSTRAINT="constraints.txt",
                       PIP_BUILD_CONSTRAINT="constraints.txt",
                       PIP_DISABLE_PIP_VERSION_CHECK="1")
    return subprocess.call(command, cwd=ROOT, env=environment, stdout=log,
                           stderr=subprocess.STDOUT) == 0


def create(python):
    """Make an empty .venv, unless there is a sound one of a version that serves."""
    if (version(PYTHON) or (0, 0)) >= OLDEST and subprocess.call(
            [PYTHON, "-m", "pip", "--version"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL) == 0:
        return
    if os.path.exists(VENV):
        shutil.rmtree(VENV)
    done = subprocess.Popen([python, "-m", "venv", VENV], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    said = done.communicate()[0].decode("utf-8", "replace")
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in said or "No module named venv" in said:
            stop("%s comes without its venv module. On Debian and Ubuntu: sudo apt install "
                 "python3-venv; elsewhere, install Python from python.org" % python)
        stop("%s -m venv failed: %s" % (python, said.strip().splitlines()[-1]))


def install():
    """Install nnlib, editable, and all that its extras ask for."""
    print("Installing into .venv (once, about a minute) ...")
    sys.stdout.flush()
    with open(LOG, "w") as log:
        done = run([PYTHON, "-m", "pip", "install", "--retries", "2", "-e", EXTRAS], log)
    if not done:
        with open(LOG) as log:
            said = log.read()
        where = "all that pip said is in " + os.path.relpath(LOG, ROOT)
        if CERTIFICATE.search(said):
            stop("the packages cannot be fetched: the package index shows a certificate that "
                 "this machine does not trust. Behind a company's proxy, tell pip its "
                 "certificate (PIP_CERT); %s" % where)
        if NO_NETWORK.search(said):
            stop("the packages cannot be fetched: there is no way from here to the package "
                 "index. Check the network (or the proxy) and run the same command again; %s"
                 % where)
        errors = [line.strip() for line in said.splitlines()
                  if line.strip().lower().startswith("error")]
        stop("pip failed: %s; %s" % ((errors or ["it gave no reason"])[0], where))


def main():
    """Bring .venv up to date."""
    if up_to_date():
        return
    create(find_python())
    install()
    with open(STAMP, "w") as file:
        file.write(fingerprint())


if __name__ == "__main__":
    main()
