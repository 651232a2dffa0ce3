"""JupyterLab as a reader starts it, and a notebook in it as a person sees it.

A server of our own, in a folder of its own: no settings, kernels or kept layouts of the user's
come in, nothing is asked of another host, and nothing is left running.
"""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from types import SimpleNamespace

import nbformat
import psutil
import pytest

# what a person would be waiting for
STARTING, OPENING, RUNNING, DRAWING, STOPPING = 60, 60, 300, 20, 20
# Lab asks on the first start whether it may fetch news; the answer is no
SETTINGS = ("@jupyterlab/apputils-extension/notification.jupyterlab-settings",
            {"checkForUpdates": False, "fetchNews": "false"})
# of pytest and coverage, which would follow into the kernels; a reader has progress bars
NOT_A_READERS = ("JUPYTER", "IPYTHON", "COV_", "COVERAGE_", "PYTEST_", "TQDM_")
FLAGS = ("--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
         "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly",
         # should the tests be killed and this survive them
         "--ServerApp.shutdown_no_activity_timeout=600",
         "--MappingKernelManager.cull_idle_timeout=600")


# -- The server --------------------------------------------------------------------------------


@contextmanager
def running(folder):
    """A server of the notebooks in folder/notebooks; its own files lie beside them."""
    own = {name: folder / "jupyter" / name
           for name in ("config", "data", "runtime", "settings", "workspaces", "ipython")}
    setting = own["settings"] / SETTINGS[0]
    setting.parent.mkdir(parents=True)
    setting.write_text(json.dumps(SETTINGS[1]), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(NOT_A_READERS)}
    environment |= {f"JUPYTER_{name.upper()}_DIR": str(own[name])
                    for name in ("config", "data", "runtime")}
    environment |= {f"JUPYTERLAB_{name.upper()}_DIR": str(own[name])
                    for name in ("settings", "workspaces")}
    environment |= {"IPYTHONDIR": str(own["ipython"]), "JUPYTER_TOKEN": secrets.token_hex(16)}
    log = folder / "jupyter" / "log.txt"
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *FLAGS, f"--ServerApp.root_dir={folder}"],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT)
    server = SimpleNamespace(folder=folder, log=log, token=environment["JUPYTER_TOKEN"], url=None)
    try:
        server.url = address(process, own["runtime"], log)
        yield server
    finally:
        stop(process, server)


def address(process, runtime, log):
    """Wait until the server says where it is, and answers."""
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        try:
            (file,) = runtime.glob("jpserver-*.json")
            url = json.loads(file.read_text(encoding="utf-8"))["url"]
            ask(url, "api")
        except (ValueError, OSError):           # not yet there, half written, not yet open
            time.sleep(0.1)
        else:
            return url
    said = log.read_text(encoding="utf-8")[-2000:]
    pytest.fail(f"JupyterLab does not start here:\n{said}", pytrace=False)


def ask(url, path, token="", method="GET"):
    """Return what the server answers, past any proxy."""
    request = urllib.request.Request(url + path, method=method,
                                     headers={"Authorization": f"token {token}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=STOPPING) as response:
        return json.loads(response.read() or "null")


def stop(process, server):
    """End the server and its kernels, as its own menu does; by force what is left of them."""
    if process.poll() is not None:
        return
    me = psutil.Process(process.pid)
    family = [me, *me.children(recursive=True)]
    try:
        ask(server.url, "api/shutdown", server.token, "POST")
    except (TypeError, OSError):                # it never came so far, or hangs
        process.terminate()
    _, left = psutil.wait_procs(family, timeout=STOPPING)
    for one in left:
        one.kill()
    process.wait(STOPPING)
    assert not left, f"JupyterLab left running, and we had to end: {left}"


# -- A notebook in it --------------------------------------------------------------------------

PANEL = "jupyterapp.shell.currentWidget"
ATTACHED = f"""() => window.jupyterapp && {PANEL}?.content?.widgets?.length
    && {PANEL}.content.widgets.every(cell => cell.node.isConnected && cell.node.childElementCount)
    && {PANEL}.sessionContext?.session?.kernel?.status === "idle" """
# the command's own promise tells when its last cell has ended
TELL_WHEN_DONE = """() => jupyterapp.commands.commandExecuted.connect((_, command) => {
    if (command.id === "notebook:run-all-cells") command.result.then(
        fine => { window.ranAll = {fine}; });
})"""
RENDERED = f"""() => {PANEL}.content.widgets.every(cell =>
    cell.model.type !== "markdown" || cell.node.querySelector(".myst")?.childElementCount)
    && [...{PANEL}.node.querySelectorAll("img")].every(image => image.complete)"""
# Each cell as it stands on the screen: what is folded away or hidden does not count.
SEEN = f"""() => {PANEL}.content.widgets.map(cell => {{
    const all = selector => [...cell.node.querySelectorAll(selector)]
        .filter(element => element.checkVisibility());
    const rendered = [...cell.node.querySelectorAll(".myst")];
    const prose = rendered.map(element => {{
        const copy = element.cloneNode(true);
        const others = ".katex, code, pre, svg, style, script, [title='Citation Not Found']";
        copy.querySelectorAll(others).forEach(other => other.replaceWith(" "));
        return copy.textContent;
    }});
    return {{
        type: cell.model.type,
        count: cell.model.executionCount ?? null,
        prompt: all(".jp-InputArea-prompt").map(element => element.textContent.trim()).join(""),
        code: all(".jp-InputArea-editor").length > 0,
        area: all(".jp-OutputArea-output").length > 0,
        bars: all("progress, .jupyter-widgets").length,
        outputs: all(".jp-OutputArea-output").map(element =>
            [element.dataset.mimeType ?? "", element.textContent]),
        prose: prose,
        complaints: rendered.flatMap(element => [
            ...[...element.querySelectorAll(".text-yellow-600, .text-red-500, pre")]
                .filter(part => part.title && part.title !== "Citation Not Found")
                .map(part => `${{part.title}} (${{part.textContent}})`),
            ...[...element.querySelectorAll(".math-inline, .math-display")]
                .filter(part => !part.querySelector(".katex"))
                .map(part => `TeX as it was typed (${{part.textContent}})`)]),
        images: all("img").map(image => [image.alt, image.naturalWidth]),
        closed: [...cell.node.querySelectorAll(".myst details")].map(fold => !fold.open),
    }};
}})"""


class Opened:
    """A notebook that Lab has opened, run and saved, and what was seen on the way."""

    def __init__(self, browser, server, path):
        self.path, self.name, self.server = path, path.name, server
        self.stored = nbformat.read(path, as_version=4).cells
        self.page = browser.new_page(viewport={"width": 1300, "height": 1000})
        self.page.set_default_timeout(1000 * OPENING)
        self.asked = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        # without what is known of earlier tabs
        self.page.goto(f"{server.url}lab/tree/notebooks/{path.name}?reset&token={server.token}")
        self.wait(ATTACHED, OPENING, "is not open")
        self.before = self.page.evaluate(SEEN)
        self.run()
        self.after = self.page.evaluate(SEEN)
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        self.saved = nbformat.read(server.folder / "notebooks" / path.name, as_version=4).cells

    def wait(self, condition, seconds, what=None):
        """Wait for a condition in the page; fail where something is to say of the notebook."""
        from playwright.sync_api import TimeoutError

        try:
            self.page.wait_for_function(condition, timeout=1000 * seconds, polling=100)
        except TimeoutError:
            if what:
                pytest.fail(f"{self.name} {what} after {seconds} seconds; the server said:\n"
                            + self.server.log.read_text(encoding="utf-8")[-1000:], pytrace=False)

    def run(self):
        """Choose Run All Cells from the menu, and wait until Lab has drawn what came."""
        self.page.evaluate(TELL_WHEN_DONE)
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.wait("() => window.ranAll", RUNNING, "has not run")
        self.fine = self.page.evaluate("() => window.ranAll.fine")
        self.wait(ATTACHED, OPENING, "keeps its kernel busy")
        self.wait(RENDERED, DRAWING)                # else the tests say which cell

    def where(self, i):
        """Say which cell this is, as Lab counts and as its first line reads."""
        line = (self.stored[i].source.strip() or "(empty)").splitlines()[0]
        return f"{self.name}, cell {i + 1} of {len(self.stored)} ({line[:60]})"

    def code(self):
        """Yield (number, stored cell, as seen after the run) of the cells of code."""
        for i, cell in enumerate(self.stored):
            if cell.cell_type == "code":
                yield i, cell, self.after[i]

    def close(self):
        """Close the tab, and end its kernel."""
        self.page.close()
        for kernel in ask(self.server.url, "api/kernels", self.server.token):
            ask(self.server.url, f"api/kernels/{kernel['id']}", self.server.token, "DELETE")
