"""Official files are found or downloaded whole; each fault has its own message and remedy.

Protects from what readers of other courses complain about most: a download that dies, and a
web page, a pointer or half a file that is then taken for data. After every test the cache
holds whole files or none.
"""

import errno
import gzip
import hashlib
import io
import os
import socket
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nnlib.datasets import __main__ as command
from nnlib.datasets import download, files, handwriting
from nnlib.datasets.sources import FILES, File
from tests.nnlib.web import HTML, LFS, Site

NAME = "emnist-tiny-test-images-idx3-ubyte.gz"
DATA = gzip.compress(np.random.default_rng(0).bytes(200_000), mtime=0)
MEMBER = f"gzip/{NAME}"
GIVEN = os.environ.get(files.VARIABLE, "nowhere")
SHA256 = hashlib.sha256(DATA).hexdigest()


def zipped(data, kind=zipfile.ZIP_DEFLATED, name=MEMBER):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr("gzip/first", b"x" * 100_000)
        archive.writestr(name, data)
        archive.writestr("gzip/last", os.urandom(100_000))
    return file.getvalue()


def spoilt(archive):
    """Make the first block of the deflated member one of a kind that there is not."""
    start = archive.index(DATA[:50]) - 5                        # random bytes are stored in blocks
    return archive[:start] + b"\xff" + archive[start + 1:]


@pytest.fixture(scope="module")
def server():
    with Site() as site:
        yield site


@pytest.fixture
def site(server):
    server.content = {"/a": DATA, "/b": DATA, "/zip": zipped(DATA)}
    server.plan, server.log = {}, []
    return server


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """A cache of its own, impatient, and at the end with nothing in it but whole files."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(files, "cache", lambda: folder)
    monkeypatch.delenv(files.VARIABLE, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(download, "WAIT", 0.001)
    monkeypatch.setattr(download, "TIMEOUT", (5.0, 10.0))
    yield folder
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name != "unfinished":
            assert path.name == NAME
            assert path.read_bytes() == DATA


@pytest.fixture
def offer(monkeypatch):
    """Return what makes addresses those of the one official file."""
    def offer(*urls):
        monkeypatch.setitem(FILES, NAME, File(NAME, "emnist", len(DATA), SHA256, urls))
    offer()
    return offer


def left(cache):
    """What lies in the cache and is no lock: finished files, and parts to go on with."""
    return sorted(path.name.partition(".gz")[2] for path in cache.rglob("*")
                  if path.is_file() and path.suffix != ".lock")


@pytest.mark.parametrize("path", ["/a", "/zip"])
@pytest.mark.parametrize("plan", [
    ["ok"], [503, "ok"], [429, 500, 502, 503, "ok"], ["stall", "ok"], ["break", "ok"],
    ["break"] * 8 + ["ok"], ["short", "ok"]],
    ids=["at once", "after a 503", "after four", "after stalling", "in two", "in nine", "short"])
def test_it_arrives(site, cache, offer, path, plan, monkeypatch):
    if "stall" in plan:
        monkeypatch.setattr(download, "TIMEOUT", (5.0, 0.2))
    steps = {"stall": ("stall", 3_000), "break": ("break", 20_000),
             "short": ("short", 9_000)}
    site.plan[path] = [steps.get(step, step) for step in plan]
    if path == "/zip":
        site.plan[path].insert(0, "ok")                         # the list of members
    offer(site.url(path) + (f"!{MEMBER}" if path == "/zip" else ""))
    found = files.find(NAME)
    assert found == cache / "emnist" / NAME
    assert left(cache) == [""]
    n = len(site.log)
    assert files.find(NAME) == found                            # and is not asked for again
    assert len(site.log) == n


def test_a_download_goes_on_where_it_broke_off(site, cache, offer):
    site.plan["/a"] = [("break", 50_000), "ok"]
    offer(site.url("/a"))
    files.find(NAME)
    assert site.log == [("/a", None), ("/a", f"bytes=50000-{len(DATA) - 1}")]


def test_it_goes_on_in_a_later_call_too(site, cache, offer):
    site.plan["/a"] = [("break", 50_000)] + [("break", 0)] * 5 + ["ok"]
    offer(site.url("/a"))
    with pytest.raises(files.DownloadError, match=r"broke off.*\n.*kept"):
        files.find(NAME)
    part, = left(cache)
    assert (cache / "unfinished" / f"{NAME}{part}").read_bytes() == DATA[:50_000]
    files.find(NAME)
    assert site.log[-1] == ("/a", f"bytes=50000-{len(DATA) - 1}")


def test_a_server_without_ranges_sends_all_again(site, cache, offer):
    site.plan["/a"] = [("break", 50_000), "no ranges"]
    offer(site.url("/a"))
    files.find(NAME)
    assert left(cache) == [""]


def test_a_rotten_part_is_given_up_and_all_fetched_anew(site, cache, offer):
    offer(site.url("/a"))
    site.plan["/a"] = [("break", 50_000)] + [("break", 0)] * 5 + ["ok"]
    with pytest.raises(files.DownloadError):
        files.find(NAME)
    part = cache / "unfinished" / f"{NAME}{left(cache)[0]}"
    for rotten in (bytes(50_000), bytes(len(DATA)), bytes(len(DATA) + 9)):
        part.write_bytes(rotten)
        files.find(NAME).unlink()
        assert left(cache) == []


def test_a_server_that_asks_for_a_long_wait_is_given_up(site, cache, offer, monkeypatch):
    monkeypatch.setattr(site, "retry_after", "3600")
    site.plan["/a"] = [503]
    offer(site.url("/a"), site.url("/b"))
    files.find(NAME)
    assert site.log == [("/a", None), ("/b", None)]


def test_a_part_longer_than_what_the_server_has(site, cache, offer):
    offer(site.url("/a"), site.url("/b"))
    site.plan = {"/a": [("break", 50_000)] + [("break", 0)] * 5 + ["ok"], "/b": [404, "ok"]}
    with pytest.raises(files.DownloadError):
        files.find(NAME)
    site.content["/a"] = DATA[:40_000]
    files.find(NAME)
    assert site.log[-1] == ("/b", None)
    assert left(cache) == [""]


def test_of_a_zip_file_only_the_member_is_read(site, cache, offer):
    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        site.content["/zip"] = zipped(DATA, kind)
        site.log.clear()
        offer(site.url(f"/zip!{MEMBER}"))
        files.find(NAME).unlink()
        first, second = (span for _, span in site.log)
        assert first == "bytes=-65536"
        start, stop = map(int, second.removeprefix("bytes=").split("-"))
        assert stop - start < len(DATA) + 1_000


PERMANENT = {
    "forbidden": (403, r"the server refuses it \(403\)"),
    "gone": (404, r"does not have it \(404\)"),
    "overloaded": (503, r"is overloaded or closed for repair \(503\)"),
    "a web page": (("send", HTML), "sends a web page in place of the file"),
    "an LFS pointer": (("send", LFS), "sends a Git LFS pointer"),
    "something else": (("send", b"PNG and so on"), "sends something else"),
    "altered": (("send", DATA[:-9] + bytes(9)), "it is altered: its SHA-256 is another"),
    "shorter": (("send", DATA[:-9]), rf"has another file: of {len(DATA) - 9:,} bytes"),
    "too much": ("too much", "sends more than"),
    "stalls": (("stall", 0), r"stalls: nothing came for 0\.2 s"),
}


@pytest.mark.parametrize("fault", PERMANENT)
@pytest.mark.parametrize("path", ["/a", "/zip"])
def test_a_fault_is_told_and_the_next_address_tried(site, cache, offer, fault, path, monkeypatch):
    step, says = PERMANENT[fault]
    if fault == "stalls":
        monkeypatch.setattr(download, "TIMEOUT", (5.0, 0.2))
    if path == "/zip":
        if fault == "altered":
            step = ("send", zipped(DATA[:-9] + bytes(9)))
        if fault in ("shorter", "something else"):
            says = "does not let us read parts of its zip file"
    site.plan[path] = [step]
    bad = site.url(path) + (f"!{MEMBER}" if path == "/zip" else "")
    offer(bad)
    if path == "/zip" and fault == "altered":
        site.content["/zip"], site.plan = step[1], {}
    with pytest.raises(files.DownloadError, match=says) as caught:
        files.find(NAME)
    for remedy in ("NNLIB_DATA", "glyphs"):
        assert remedy in str(caught.value)
    assert left(cache) == []
    offer(bad, site.url("/b"))
    assert files.find(NAME).read_bytes() == DATA


@pytest.mark.parametrize(("content", "plan", "says"), [
    (zipped(DATA, name="gzip/other"), "ok", "has a zip file without gzip/"),
    (zipped(DATA * 3), "ok", "has another file in its zip file"),
    (zipped(DATA, zipfile.ZIP_BZIP2), "ok", "a zip file of an unknown kind"),
    (zipped(DATA[:-9]), "ok", "has another file: it is cut off"),
    (zipped(DATA).replace(DATA[300:400], bytes(100)), "ok", "it is altered"),
    (spoilt(zipped(DATA)), "ok", "has a damaged zip file"),
    (zipped(DATA), "no ranges", "does not let us read parts"),
    (zipped(DATA)[:-30], "ok", "does not let us read parts")],
    ids=["other names", "larger", "kind", "short", "altered", "damaged", "no ranges",
         "no directory"])
def test_a_zip_file_that_will_not_do(site, cache, offer, content, plan, says):
    site.content["/zip"], site.plan["/zip"] = content, [plan]
    offer(site.url(f"/zip!{MEMBER}"))
    with pytest.raises(files.DownloadError, match=says):
        files.find(NAME)
    assert left(cache) == []


def test_a_zip_file_whose_parts_are_not_sent_any_more(site, cache, offer):
    offer(site.url(f"/zip!{MEMBER}"), site.url("/a"))
    for step in ("no ranges", ("send", HTML), "other part"):
        site.plan["/zip"] = ["ok", step]
        files.find(NAME).unlink()
        assert site.log[-1][0] == "/a"


def test_no_network(monkeypatch, cache, offer):
    """Told at once, without waiting for what will not come."""
    def fail(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(download, "WAIT", 1e9)
    offer("https://example.invalid/a", f"https://example.invalid/zip!{MEMBER}")
    with pytest.raises(files.DownloadError, match=r"no network\n.*no network\n"):
        files.find(NAME)


def test_nobody_there(cache, offer, monkeypatch):
    with socket.socket() as taken:                              # bound, and never listening
        taken.bind(("127.0.0.1", 0))
        offer(f"http://127.0.0.1:{taken.getsockname()[1]}/a")
        with pytest.raises(files.DownloadError, match=r"cannot be reached .* is there a network"):
            files.find(NAME)


def test_faults_before_the_first_byte(cache, offer, monkeypatch):
    """What requests raises for certificates, proxies and connections that take too long."""
    import requests
    offer("https://example.invalid/a")
    for error, says in ((requests.exceptions.SSLError("expired"), "no certificate .*expired"),
                        (requests.exceptions.ProxyError("x"), "proxy .* HTTPS_PROXY"),
                        (requests.ConnectTimeout("x"), "does not answer within 5 s"),
                        (requests.ConnectionError("reset"), r"broke off \(reset\)")):
        def fail(*_, error=error, **__):
            raise error
        monkeypatch.setattr(requests.Session, "get", fail)
        with pytest.raises(files.DownloadError, match=says):
            files.find(NAME)


class Full(io.FileIO):
    """A file on a disk that is full after 70,000 bytes."""

    def write(self, data):
        if self.tell() + len(data) > 70_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("path", ["/a", f"/zip!{MEMBER}"])
def test_a_full_disk(site, cache, offer, path, monkeypatch):
    monkeypatch.setattr(download, "open", lambda name, mode: Full(name, mode), raising=False)
    offer(site.url(path), site.url("/b"))
    with pytest.raises(download.DiskError, match=r"disk is full; free some.*NNLIB_DATA") as error:
        files.find(NAME)
    assert error.value.errno == errno.ENOSPC
    assert left(cache) == []
    assert [name for name, _ in site.log if name == "/b"] == []     # no fault of the server's


def test_a_folder_that_cannot_be_made(site, cache, offer):
    cache.write_bytes(b"a file where the folder should be")
    offer(site.url("/a"))
    with pytest.raises(download.DiskError, match=r"cannot write to .*NNLIB_DATA"):
        files.find(NAME)
    cache.unlink()


CHILD = """
import sys
from pathlib import Path
from nnlib.datasets import files
from nnlib.datasets.sources import FILES, File
folder, name, size, sha256, url = sys.argv[1:]
files.cache = lambda: Path(folder)
FILES[name] = File(name, "emnist", int(size), sha256, (url,))
print(files.find(name))
"""


def test_two_processes_at_once(site, cache, offer):
    """The second waits for the first, and there is one download."""
    site.plan["/a"] = [("slow", 1.0), 404]
    arguments = [sys.executable, "-c", CHILD, cache, NAME, str(len(DATA)), SHA256, site.url("/a")]
    children = [subprocess.Popen(list(map(str, arguments)), stdout=subprocess.PIPE, text=True,
                                 cwd=Path(__file__).parents[2]) for _ in range(2)]
    printed = [child.communicate(timeout=60)[0].strip() for child in children]
    assert printed == [str(cache / "emnist" / NAME)] * 2
    assert len(site.log) == 1


def test_a_process_killed_on_its_way_leaves_no_file_and_another_goes_on(site, cache, offer):
    site.plan["/a"] = [("stall", 150_000), "ok"]
    offer(site.url("/a"))
    child = subprocess.Popen([*map(str, [
        sys.executable, "-c", CHILD, cache, NAME, len(DATA), SHA256, site.url("/a")])],
        cwd=Path(__file__).parents[2])
    deadline = time.monotonic() + 60
    while not any(map(os.path.getsize, (cache / "unfinished").glob("*.gz.????????"))):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.kill()
    child.wait()
    assert not (cache / "emnist" / NAME).exists()
    for path in (cache / "emnist").iterdir():                   # pooch's, and empty
        assert not path.read_bytes()
        path.unlink()
    files.find(NAME)
    assert site.log[1][1].startswith("bytes=")


def test_two_threads_at_once(site, cache, offer):
    site.plan["/a"] = [("slow", 0.2), 404]
    offer(site.url("/a"))
    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(files.find, [NAME, NAME])] == [cache / "emnist" / NAME] * 2
    assert len(site.log) == 1


def test_a_file_spoilt_in_the_cache_is_fetched_anew(site, cache, offer):
    offer(site.url("/a"))
    files.find(NAME).write_bytes(DATA[:-1])
    assert files.find(NAME).read_bytes() == DATA


@pytest.mark.parametrize(("data", "says"), [
    (HTML, "it is a web page"), (LFS, r"Git LFS pointer.*`git lfs pull` replaces"),
    (DATA[:-1], f"cut off: its length is {len(DATA) - 1:,}"), (DATA + b"1", "altered: its length"),
    (DATA[:-9] + bytes(9), "altered: its SHA-256")],
    ids=["a web page", "LFS", "cut off", "longer", "altered"])
@pytest.mark.parametrize("how", ["a folder", "NNLIB_DATA"])
def test_a_bad_file_of_the_users_is_told_and_left_alone(tmp_path, offer, monkeypatch, data, says,
                                                        how):
    path = tmp_path / "mine" / "emnist" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    folder = tmp_path / "mine"
    if how == "NNLIB_DATA":
        monkeypatch.setenv(files.VARIABLE, str(folder))
        folder = None
    with pytest.raises(ValueError, match=f"(?s)not the official file: .*{says}.*delete it"):
        files.find(NAME, folder)
    assert path.read_bytes() == data


def test_the_order_of_search(tmp_path, site, cache, offer, monkeypatch):
    """A folder given is the only one; then NNLIB_DATA, the cache, the network."""
    offer(site.url("/a"))
    with pytest.raises(FileNotFoundError, match="leave the folder out to download it"):
        files.find(NAME, tmp_path)
    downloaded = files.find(NAME)
    assert len(site.log) == 1
    monkeypatch.setenv(files.VARIABLE, str(tmp_path))
    assert files.find(NAME) == downloaded                       # not in NNLIB_DATA, so the cache
    (tmp_path / NAME).write_bytes(DATA)
    assert files.find(NAME) == tmp_path / NAME
    for inner in ("mine", "mine/emnist"):
        (tmp_path / inner).mkdir()
        (tmp_path / inner / NAME).write_bytes(DATA)
        assert files.find(NAME, tmp_path / "mine") == tmp_path / inner / NAME
    assert len(site.log) == 1
    monkeypatch.setenv(files.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"NNLIB_DATA names .*no folder; correct or unset"):
        files.find(NAME)


def test_a_name_that_is_none():
    with pytest.raises(ValueError, match="none of the 28 official files"):
        files.find("emnist.zip")


def test_no_address_and_no_path_is_printed(site, cache, offer, capfd, caplog):
    offer(site.url("/a"))
    files.find(NAME)
    assert capfd.readouterr() == ("", "")                       # progress bars are off in tests
    assert caplog.text == ""


def test_the_progress_bar_shows_where_a_person_watches(site, cache, offer, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.delenv("TQDM_DISABLE")
    site.plan["/a"] = [("break", 50_000), "ok"]
    offer(site.url("/a"))
    files.find(NAME)
    shown = capsys.readouterr().err
    assert NAME[:20] in shown
    assert "/200k" in shown
    assert not shown.split("\r")[-2].strip()                    # and it leaves nothing behind


def test_the_hashes_are_the_official_ones():
    """Against the list beside the data, where it is."""
    path = Path(GIVEN, "SHA256SUMS.official-emnist")
    if not path.is_file():
        pytest.skip("no SHA256SUMS.official-emnist: NNLIB_DATA names no folder that has it")
    rows = [line.split() for line in path.read_text("utf-8").splitlines() if "gzip/" in line]
    assert len(rows) == 24
    for sha256, name, _, size, _ in rows:
        file = FILES[name.removeprefix("gzip/")]
        assert (file.sha256, file.size) == (sha256, int(size))


def test_the_command_line_lists_and_fetches(site, cache, offer, monkeypatch, capsys):
    monkeypatch.setattr(handwriting, "SETS", {"tiny": (NAME,)})
    monkeypatch.setattr(command, "SETS", {
        "tiny": (NAME,), "two": (NAME, "t10k-labels-idx1-ubyte.gz")})
    site.plan["/a"] = [404, "ok"]
    offer(site.url("/a"))
    assert command.main([]) == 0
    assert "tiny               0.2 MB  not here" in capsys.readouterr().out
    assert command.main(["fetch", "tiny"]) == 1
    assert "does not have it (404)" in capsys.readouterr().err
    assert command.main(["fetch", "tiny"]) == 0
    assert f"tiny: whole and checked, in {cache / 'emnist'}" in capsys.readouterr().out
    assert command.main([]) == 0
    printed = capsys.readouterr().out
    assert f"here: {cache / 'emnist'}" in printed
    assert "two                0.2 MB  in part; 0.0 MB to download" in printed
    assert "glyphs (synthetic" in printed
    monkeypatch.setenv(files.VARIABLE, str(cache / "nowhere"))
    assert command.main([]) == 1
    assert "no folder" in capsys.readouterr().err


def test_the_command_line_explains_itself(capsys):
    for arguments in (["--help"], ["fetch", "--help"]):
        assert command.main(arguments) == 0
        assert "ownload" in capsys.readouterr().out
    assert command.main(["fetch", "cursive"]) == 2
    assert "choose from" in capsys.readouterr().err
