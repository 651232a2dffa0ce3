"""The official files of MNIST and EMNIST: names, sizes, SHA-256, and where they can be had.

The hashes of EMNIST are those of NIST's own gzip.zip; MNIST's files also have the MD5s that
torchvision pins. Built in chapter 14.
"""

from dataclasses import dataclass

MNIST = ("https://ossci-datasets.s3.amazonaws.com/mnist/{name}",         # torchvision's
         "https://storage.googleapis.com/cvdf-datasets/mnist/{name}")
# 536 MB, of which only the wanted member is read; what follows "!" is the member's name
EMNIST = ("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip!gzip/{name}",
          "https://huggingface.co/datasets/Royc30ne/emnist-{split}/resolve/main/{name}",
          "https://huggingface.co/datasets/Heliosoph/EMNIST/resolve/main/{name}")


@dataclass(frozen=True)
class File:
    """One official file: its name, its folder (mnist or emnist), bytes, SHA-256, addresses.

    Used in chapter 14.

    Examples
    --------
    >>> FILES["t10k-labels-idx1-ubyte.gz"].size
    4542
    """

    name: str
    folder: str
    size: int
    sha256: str
    urls: tuple


def _files(folder, prefix, urls, table):
    """Return the files of a table with a line each: split and part, bytes, SHA-256."""
    for line in table.strip().split("\n"):
        stem, size, sha256 = line.split()
        axes = 3 if stem.endswith("images") else 1
        name = f"{prefix}{stem}-idx{axes}-ubyte.gz"
        places = tuple(url.format(name=name, split=stem.split("-")[0]) for url in urls)
        yield name, File(name, folder, int(size), sha256, places)


FILES = dict((*_files("mnist", "", MNIST, """
train-images 9912422 440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609
train-labels 28881 3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c
t10k-images 1648877 8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6
t10k-labels 4542 f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6
"""), *_files("emnist", "emnist-", EMNIST, """
balanced-test-images 4714707 117fc12b015e37ea98bfb2cbba3f77c3782c056cdbd219b87abfc8661d7135db
balanced-test-labels 13504 a67cac948379b67270b9a4d0a01c8ec661598accf2f2b1964340b7c83cb175cd
balanced-train-images 28207740 74295e75e4e9fa2c102147460ee7eb763653d5132d883a84fb88932bfb8d2db4
balanced-train-labels 80618 b46d41e5156a0a8aaaa4d18979fdd1588850fa8571018acffd5d93b325a7d6ed
byclass-test-images 28908322 5ec835bd5d5b1a66378a132e727fef20fe994b3cc666899befcca5ac766f50cd
byclass-test-labels 81839 501e305eeeacb093b162592d80e8a2632040872360fa6d85cfcb2200d91ca92a
byclass-train-images 173367313 9e21987f03a6eb8b870187e785883ddad96947299587908f1a7ec2ca0f4be5f0
byclass-train-labels 491603 f7ef403d48dc18a89dae0d83d11ee69cecb6e1c12c3a961d03712e495c02a8fa
bymerge-test-images 28905295 5e5815ec1b522089134435f7c55e75a00960b58414793593ffff23efc0821683
bymerge-test-labels 79351 8bda1516255683ba9071e141947ca0c91a911176065cdd6259b0b4d8dc5b5f35
bymerge-train-images 173375281 39bf8c68037dad40db35348895f7e4e056e8c0a005ab78869c9fbc2c96e947be
bymerge-train-labels 476444 2c47293b9e62d6abf6ad05fbf67e40baa32adfd380b8d7b44dcc35534b64e1f1
digits-test-images 9908519 20ebe43509264f7639d37c835a3f0b009e90b29e00a099a03101abe1644a3f63
digits-test-labels 19960 bad1834c45d5988e270b99d43b13edc3fd898f658ffbc2caf2846ef27f7b05b0
digits-train-images 59515779 f7c95004d14d81af89522e67d8f0c781dfb3bd544181c81bfe1eb6b41c35b726
digits-train-labels 113859 6638a6ff5fe2eefd9cca2471995b46c82986b8e4b2a70d2f5ce8e05d7edb319e
letters-test-images 5039157 50f0e93d75b99b463e9760b8345866f22587fa2c2fba472730a5ba09c693412d
letters-test-labels 144 924955c31fe7fd809b7303b5c0141282955f4b8390c74cdfd5d80435e0f4b4cb
letters-train-images 30804864 6288f418a917e007bf5fddb823a2dc7a5c6a35031401b93292a539cb12bd881f
letters-train-labels 79283 9759af91ea6bccdf07a6040fd085861f2ec88e37f7c3f5760f6feb57106fbe5c
mnist-test-images 2484884 b25640fa9e356c618132f5df347c95ef5bae6d9c2596be1de40f7e0ae1c3eac6
mnist-test-labels 5144 bcc5385d38f083dba046f5f756e99b32f5ea7fad122c6243c71c2239873065ca
mnist-train-images 14873795 5f9942f441031c0f1f2e4d162059fd6e19ea808b34c328b6d16cab0ed24c78f2
mnist-train-labels 29480 00c6d3c2342fdffb1711e0b5656cac4ce5862d2826399d383a9bac07d612e9f8
""")))
