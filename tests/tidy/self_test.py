"""A rule that can't fail is a defect: each one must find exactly what its bad sample marks, and nothing in the good sample.

samples/bad/RULE/ is a small tree with expected.txt, lines "path:line". samples/good/ is one tree that every rule accepts.
"""
import pathlib
import re
import shutil
import subprocess
import tempfile

import rules
import tools
from rules import Finding

SAMPLES = pathlib.Path(__file__).resolve().parent / "samples"


def all_rules():
    named = {rule.__name__: rule for rule in rules.RULES}
    named["layout_is_clang_formats"] = tools.layout_is_clang_formats
    named["shell_scripts_are_sound"] = tools.shell_scripts_are_sound
    return named


class Sample:
    """A copy outside samples/, which the rules pass over; bad.txt stands for words that may stand in no file of ours."""

    def __init__(self, source, root):
        self.folder = tempfile.TemporaryDirectory(prefix="madoguchi-tidy-")
        shutil.copytree(source, self.folder.name, dirs_exist_ok=True)
        for name in (".clang-format", ".shellcheckrc"):
            shutil.copy(root / name, self.folder.name)
        self.tree = rules.Tree(self.folder.name)

    def __enter__(self):
        return self.tree

    def __exit__(self, *_):
        self.folder.cleanup()


def findings(root):
    named = all_rules()
    for name, rule in named.items():
        place = SAMPLES / "bad" / name
        expected_file = place / "expected.txt"
        if not expected_file.is_file():
            yield Finding(f"tests/tidy/samples/bad/{name}", 1, "this rule has no bad sample")
            continue
        expected = set(expected_file.read_text(encoding="utf-8").split())
        with Sample(place, root) as tree:
            (tree.root / "expected.txt").unlink()
            found = {f"{finding.path}:{finding.line}" for finding in rule(tree)}
        for line in sorted(expected - found):
            yield Finding(f"tests/tidy/samples/bad/{name}", 1, f"{name} does not find {line}")
        for line in sorted(found - expected):
            yield Finding(f"tests/tidy/samples/bad/{name}", 1, f"{name} finds {line}, which is not expected")
        with Sample(SAMPLES / "good", root) as tree:
            for finding in rule(tree):
                yield Finding(f"tests/tidy/samples/good/{finding.path}", finding.line, f"{name} finds: {finding.message}")
    yield from clang_tidy_finds(root)


def clang_tidy_finds(root):
    """One defect of each family that .clang-tidy turns on."""
    sample = SAMPLES / "clang-tidy" / "bad.cpp"
    text = sample.read_text(encoding="utf-8")
    found = subprocess.run([tools.CLANG_TIDY, "--quiet", f"--config-file={root / '.clang-tidy'}", str(sample), "--", "-std=c++20"],
                           capture_output=True, text=True)
    reported = {(int(match.group(2)), check) for match in tools.DIAGNOSTIC.finditer(found.stdout)
                for check in re.findall(r"[a-z]+-[a-z-]+(?=[,\]])", match.group(3))}
    for number, line in enumerate(text.split("\n"), 1):
        for check in re.findall(r"// expect: ([a-z-]+)", line):
            if (number, check) not in reported:
                yield Finding("tests/tidy/samples/clang-tidy/bad.cpp", number, f"clang-tidy does not report {check}")
    if found.returncode == 0:
        yield Finding("tests/tidy/samples/clang-tidy/bad.cpp", 1, "clang-tidy's findings are not errors")
