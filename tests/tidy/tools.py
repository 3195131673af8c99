"""clang-format, clang-tidy and shellcheck as rules. What passed once is remembered by the hash of all that it depends on."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import time

from rules import CPP, Finding

CLANG_FORMAT = "clang-format-14"
CLANG_TIDY = "clang-tidy-14"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
DIAGNOSTIC = re.compile(r"^(/[^:]+):(\d+):\d+: (?:warning|error): (.*)$", re.M)


def layout_is_clang_formats(tree):
    paths = [path for folder in ("server", "admin-cli", "tests") for path in tree.paths(folder, CPP)]
    if not paths:
        return
    found = subprocess.run([CLANG_FORMAT, "--dry-run", "--Werror", *paths], cwd=tree.root, capture_output=True, text=True)
    reported = set()
    for match in re.finditer(r"^([^\s:]+):(\d+):\d+: error", found.stderr, re.M):
        if match.group(1) not in reported:
            reported.add(match.group(1))
            yield Finding(match.group(1), int(match.group(2)), f"layout: {CLANG_FORMAT} -i {match.group(1)}")
    if found.returncode != 0 and not reported:
        yield Finding(".clang-format", 1, f"{CLANG_FORMAT} failed: {found.stderr[:300]}")


def shell_scripts(tree):
    for folder in (".ci", "ops", "tests"):
        for path in tree.paths(folder, {"", ".sh"}):
            text = tree.text(path)
            # Files that are only sourced are checked as part of the scripts that source them.
            if re.match(r"#!.*\b(?:ba)?sh\b", text):
                yield path


def shell_scripts_are_sound(tree):
    for path in shell_scripts(tree):
        found = subprocess.run(["shellcheck", "--format=gcc", path], cwd=tree.root, capture_output=True, text=True)
        yield from shell_findings(path, found)
        text = tree.text(path)
        if not re.search(r"set -[A-Za-z]*e|lib\.sh", text):
            yield Finding(path, 1, "a script stops at its first error: set -eu")


def shell_findings(path, found):
    reported = False
    for match in re.finditer(r"^([^:]+):(\d+):\d+: \w+: (.*)$", found.stdout, re.M):
        # lib.sh and its kin set what the scripts that source them use; only the whole is judged.
        if "SC2154" in match.group(3) and match.group(1) != path:
            continue
        reported = True
        yield Finding(match.group(1), int(match.group(2)), match.group(3))
    if found.returncode > 1 and not reported:
        yield Finding(path, 1, f"shellcheck failed: {found.stderr[:300]}")


def kept_in():
    """Shared by all clones of one user, as the compiler's cache is: a fresh clone checks only what it changed."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "madoguchi" / "clang-tidy"


class ClangTidy:
    """Runs clang-tidy over the translation units of a build tree, and remembers which passed."""

    FORGOTTEN_AFTER = 30 * 24 * 3600  # seconds since it was last of use

    def __init__(self, tree, build):
        self.tree = tree
        self.build = pathlib.Path(build)
        self.cache = kept_in()
        self.hashes = {}
        version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, text=True, check=True).stdout
        self.common = version + (tree.root / ".clang-tidy").read_text(encoding="utf-8")

    def units(self):
        commands = json.loads((self.build / "compile_commands.json").read_text(encoding="utf-8"))
        for entry in commands:
            path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), self.tree.root)
            if path.startswith(("server/", "admin-cli/")) and (self.tree.root / path).is_file():
                yield path, entry.get("command") or shlex.join(entry["arguments"])

    def files_of(self, path):
        """The unit and every header of ours that it reaches."""
        reached, waiting = set(), [path]
        while waiting:
            name = waiting.pop()
            if name in reached:
                continue
            reached.add(name)
            for header in INCLUDE.findall(self.tree.text(name)):
                for place in (f"server/{header}", header, f"{os.path.dirname(name)}/{header}"):
                    if (self.tree.root / place).is_file():
                        waiting.append(os.path.normpath(place))
                        break
        return sorted(reached)

    def key(self, path, command):
        digest = hashlib.sha256((self.common + command.replace(str(self.tree.root), "")).encode())
        for name in self.files_of(path):
            digest.update(name.encode())
            digest.update(hashlib.sha256(self.tree.text(name).encode()).digest())
        return digest.hexdigest()

    def check(self, path):
        found = subprocess.run([CLANG_TIDY, "-p", str(self.build), "--quiet", "--extra-arg=-Wno-unknown-warning-option", str(self.tree.root / path)],
                               capture_output=True, text=True)
        findings = []
        for match in DIAGNOSTIC.finditer(found.stdout + found.stderr):
            findings.append(Finding(os.path.relpath(match.group(1), self.tree.root), int(match.group(2)), match.group(3)))
        if found.returncode != 0 and not findings:
            findings.append(Finding(path, 1, f"{CLANG_TIDY} failed: {(found.stdout + found.stderr)[-300:]}"))
        return findings

    def run(self, jobs, progress):
        self.cache.mkdir(parents=True, exist_ok=True)
        pending = {}
        total = 0
        for path, command in self.units():
            total += 1
            marker = self.cache / self.key(path, command)
            if marker.exists():
                marker.touch()
            else:
                pending[path] = marker
        # Long ones first, so that no core waits for the last.
        ordered = sorted(pending, key=lambda path: -len(self.files_of(path)))
        progress(f"clang-tidy: {total} files, {len(ordered)} of them changed since they last passed")
        if total == 0:
            yield Finding("compile_commands.json", 1, "names no file of server/ or admin-cli/: clang-tidy checked nothing")
        reported = set()
        with concurrent.futures.ThreadPoolExecutor(max_workers=jobs) as pool:
            for number, (path, findings) in enumerate(zip(ordered, pool.map(self.check, ordered)), 1):
                if not findings:
                    pending[path].touch()
                if number % 20 == 0:
                    progress(f"clang-tidy: {number} of {len(ordered)}")
                for finding in findings:
                    if finding not in reported:
                        reported.add(finding)
                        yield finding
        self.forget()

    def forget(self):
        for marker in self.cache.iterdir():
            if time.time() - marker.stat().st_mtime > self.FORGOTTEN_AFTER:
                marker.unlink(missing_ok=True)
