"""Style as a test: rules on text. Each rule is a function (tree) -> iterable of Finding, and has a bad sample in samples/."""
import collections
import json
import pathlib
import re

import source_text

Finding = collections.namedtuple("Finding", "path line message")

FUNCTION_LINES = 70
CPP = {".cpp", ".hpp"}
TEXT = CPP | {".html", ".css", ".js", ".mjs", ".json", ".sql", ".md", ".py", ".sh", ".txt", ".cmake", ".conf", ".service", ".in", ""}
SKIPPED = {".git", "build", "var", "node_modules", "__pycache__", "samples"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

# Rooms that are technique, not capability: they have no rules, stores, services and pages (architecture.md, Tree).
TECHNIQUE = {"app", "base", "db", "http", "render", "crypto", "telemetry", "gateway"}
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "server", "admin-cli", "templates", "migrations", "tests",
             "ops", "build", "var"}
# Words of a library: the files that may know it.
LIBRARIES = {
    "SOCI": (re.compile(r"\bsoci(?:::|/|\b)"), re.compile(r"^server/db/")),
    "libpq": (re.compile(r"\bPQ[a-z]+\w*\(|\blibpq-fe\.h"), re.compile(r"^server/db/")),
    "Pistache": (re.compile(r"\b[Pp]istache\b"), re.compile(r"^server/http/(?:[a-z]+_)?edge(?:_[a-z]+)?\.[ch]pp$")),
    "ctemplate": (re.compile(r"\bctemplate\b"), re.compile(r"^server/render/")),
    "Pango, Cairo": (re.compile(r"\b(?:pango|cairo)_\w+\(|\b(?:pango|cairo)[\w/-]*\.h\b"), re.compile(r"^server/render/")),
    "libzip": (re.compile(r"\bzip_\w+\(|<zip\.h>"), re.compile(r"^server/spreadsheet/")),
    "expat": (re.compile(r"\bXML_\w+\(|\bexpat\.h"), re.compile(r"^server/spreadsheet/")),
    "libxlsxwriter": (re.compile(r"\blxw_\w+|\bxlsxwriter\.h"), re.compile(r"^server/spreadsheet/")),
    "libqrencode": (re.compile(r"\bqrencode\b"), re.compile(r"^server/render/")),
    "Argon2": (re.compile(r"\bargon2(?:id)?_\w+|\bargon2\.h"), re.compile(r"^server/crypto/")),
    "liboath": (re.compile(r"\boath_\w+\(|\boath\.h"), re.compile(r"^server/crypto/")),
    "libfido2": (re.compile(r"\bfido_\w+\(|\bfido\.h|\bfido/"), re.compile(r"^server/crypto/")),
    "libcurl": (re.compile(r"\bcurl_\w+\(|\bcurl/curl\.h"), re.compile(r"^(?:server/gateway|admin-cli)/")),
    "libphonenumber": (re.compile(r"\bi18n::phonenumbers|\bphonenumbers/"), re.compile(r"^server/gateway/")),
}


class Tree:
    """The files of a clone, or of a sample that looks like one."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.texts = {}

    def paths(self, folder=".", suffixes=TEXT):
        base = self.root / folder
        for path in sorted(base.rglob("*")):
            inside = path.relative_to(self.root)
            if not SKIPPED.intersection(inside.parts) and path.is_file() and path.suffix in suffixes:
                yield inside.as_posix()

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self.texts[path]

    def program_paths(self):
        for folder in ("server", "admin-cli"):
            yield from self.paths(folder, CPP)

    def includes(self, path):
        """(line, "header") of each quoted include."""
        code = source_text.blank_out(self.text(path), literals=False)
        for match in INCLUDE.finditer(code):
            if match.group(1) == '"':
                yield code.count("\n", 0, match.start(1)) + 1, match.group(2)


def room_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "server" and len(parts) == 3 else None


def declared_rooms(tree):
    """Room -> the rooms that CMakeLists.txt lets it link, and what those link."""
    direct = {}
    for call in re.finditer(r"^madoguchi_room\((\w+)([^)]*)\)", tree.text("CMakeLists.txt"), re.M):
        words = call.group(2).split()
        start = words.index("ROOMS") + 1 if "ROOMS" in words else len(words)
        end = words.index("LIBRARIES") if "LIBRARIES" in words else len(words)
        direct[call.group(1)] = set(words[start:end])
    closed = {}
    for room in direct:
        reached, waiting = set(), list(direct[room])
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(direct.get(name, ()))
        closed[room] = reached
    return closed


def rooms_point_downward(tree):
    rooms = declared_rooms(tree)
    for room, below in rooms.items():
        if room in below:
            yield Finding("CMakeLists.txt", 1, f"room {room} reaches itself: includes run downward only")
    for path in tree.paths("server", CPP):
        room = room_of(path)
        if room is None:
            continue
        if room not in rooms:
            yield Finding(path, 1, f"room {room} is not declared by madoguchi_room() in CMakeLists.txt")
            continue
        for line, header in tree.includes(path):
            target = header.split("/")[0]
            if "/" in header and target in rooms and target != room and target not in rooms[room]:
                yield Finding(path, line, f"{room} may not include {target}/: it is not below it")


def kind_in(tree, path):
    """A .cpp without a header of its own is a part of the store, service or pages of its room whose header it includes first."""
    if path.endswith(".cpp") and not (tree.root / path).with_suffix(".hpp").exists():
        for _, header in tree.includes(path):
            if header.split("/")[0] == room_of(path) and kind_of(header) != "rules":
                return kind_of(header)
    return kind_of(path)


def kind_of(path):
    """rules, store, service or pages: told by the name (architecture.md)."""
    stem = pathlib.PurePosixPath(path).stem
    for suffix, kind in (("_store", "store"), ("_service", "service"), ("_worker", "service"), ("_access", "service"),
                         ("_pages", "pages"), ("_api", "pages"), ("_guard", "pages"), ("_guards", "pages"), ("_routes", "pages")):
        if stem.endswith(suffix) or stem == suffix[1:]:
            return kind
    return "rules"


FORBIDDEN = {"rules": {"db", "http", "render"}, "store": {"http", "render"}, "service": set(), "pages": {"db"}}


def file_kinds_include_what_they_may(tree):
    for path in tree.paths("server", CPP):
        room = room_of(path)
        if room is None or room in TECHNIQUE:
            continue
        kind = kind_in(tree, path)
        for line, header in tree.includes(path):
            target = header.split("/")[0]
            if target in FORBIDDEN[kind]:
                yield Finding(path, line, f"a {kind} file may not include {target}/")
            if kind == "pages" and kind_of(header) == "store":
                yield Finding(path, line, "pages ask a service, not a store")
            if kind == "rules" and target == room and kind_of(header) != "rules":
                yield Finding(path, line, f"rules are pure: no {kind_of(header)} header")


def stores_stay_at_home(tree):
    for path in tree.paths("server", CPP):
        room = room_of(path)
        for line, header in tree.includes(path):
            if header.endswith("_store.hpp") and header.split("/")[0] != room and room != "app":
                yield Finding(path, line, "another room's store: use its service")


def libraries_stay_in_their_room(tree):
    for path in tree.program_paths():
        code = source_text.blank_out(tree.text(path), literals=False)
        for library, (word, home) in LIBRARIES.items():
            if home.match(path):
                continue
            for match in word.finditer(code):
                yield Finding(path, source_text.line_of(code, match.start()), f"{library} is known in {home.pattern} only")


def functions_are_short(tree):
    for folder in ("server", "admin-cli", "tests"):
        for path in tree.paths(folder, CPP):
            for first, last in source_text.functions(tree.text(path)):
                if last - first + 1 > FUNCTION_LINES:
                    yield Finding(path, first, f"a function of {last - first + 1} lines; {FUNCTION_LINES} are enough")


def templates_escape(tree):
    """Without the first line, ctemplate escapes nothing. Partials are inlined, where a second such line would be an error."""
    for path in tree.paths("templates", {".html"}):
        first = tree.text(path).split("\n", 1)[0]
        is_partial = path.startswith("templates/partials/")
        if not is_partial and first != '{{%AUTOESCAPE context="HTML"}}':
            yield Finding(path, 1, 'line 1 must be {{%AUTOESCAPE context="HTML"}}')
        if is_partial and "AUTOESCAPE" in tree.text(path):
            yield Finding(path, 1, "a partial is inlined: its page says AUTOESCAPE")
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if re.search(r"\{\{[^}]*:none\b", line):
                yield Finding(path, number, "the modifier :none turns escaping off")
            if re.search(r"\sstyle=|\son[a-z]+=\"|javascript:", line):
                yield Finding(path, number, "inline style or script: the content security policy refuses it (S15)")


def nothing_is_postponed(tree):
    word = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
    for path in tree.paths():
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            # mktemp's placeholder is no promise.
            if word.search(re.sub(r"\.X{3,}", "", line)):
                yield Finding(path, number, "no postponed work in the code: do it, or open an issue")


def queries_are_whole(tree):
    """SOCI reads a colon or an apostrophe in an SQL comment as a placeholder; SQL is one literal, never assembled."""
    for path in tree.paths("server", {".cpp"}):
        if not path.endswith("_store.cpp"):
            continue
        text = tree.text(path)
        for line, content in source_text.raw_strings(text):
            if "--" in content or "/*" in content:
                yield Finding(path, line, "no comments inside a query")
        code = source_text.blank_out(text)
        for match in re.finditer(r"fmt::format|\bappend\(|\+=", code):
            following = text[match.start() : match.start() + 200].split(";")[0]
            if re.search(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|ORDER BY)\b", following, re.I):
                yield Finding(path, source_text.line_of(code, match.start()), "SQL is a whole literal, never assembled")


def time_and_chance_are_arguments(tree):
    word = re.compile(r"\bsystem_clock::now|\bstd::random_device|\bstd::mt19937|\brand\(\)|\btime\((?:nullptr|NULL|0)\)|\bRAND_bytes")
    for path in tree.paths("server", CPP):
        if path.startswith("server/base/"):
            continue
        code = source_text.blank_out(tree.text(path))
        for match in word.finditer(code):
            yield Finding(path, source_text.line_of(code, match.start()), "Clock and Entropy are constructor arguments (server/base)")


def tests_do_not_sleep(tree):
    for path in tree.paths("tests", CPP):
        if path.startswith(("tests/support/", "tests/bench/", "tests/fault/")):
            continue
        code = source_text.blank_out(tree.text(path))
        for match in re.finditer(r"\bsleep_for\(|\bsleep_until\(|\busleep\(|(?<![\w.:])sleep\(", code):
            line = source_text.line_of(code, match.start())
            # Pacing an attack or passing a deadline is no wait for something; then a comment beside it says so.
            if "//" not in tree.text(path).split("\n")[line - 1]:
                yield Finding(path, line, "no sleeps: wait for a condition with a deadline")


def catalogs_match(tree):
    """Both languages have the same sentences with the same placeholders."""
    catalogs = {}
    for language in ("ja", "en"):
        path = f"templates/text/{language}.json"
        if not (tree.root / path).exists():
            if (tree.root / "templates").exists():
                yield Finding(path, 1, "missing")
            return
        try:
            catalogs[language] = json.loads(tree.text(path), object_pairs_hook=refuse_duplicates)
        except ValueError as problem:
            yield Finding(path, 1, f"not a catalog: {problem}")
            return
    for one, other in (("ja", "en"), ("en", "ja")):
        for key in catalogs[one].keys() - catalogs[other].keys():
            yield Finding(f"templates/text/{other}.json", 1, f"no sentence for {key}")
    for key in catalogs["ja"].keys() & catalogs["en"].keys():
        names = [set(re.findall(r"\{(\w+)\}", str(catalogs[language][key]))) for language in ("ja", "en")]
        if names[0] != names[1]:
            yield Finding("templates/text/en.json", 1, f"{key}: placeholders differ from ja: {sorted(names[0] ^ names[1])}")


def refuse_duplicates(pairs):
    seen = dict(pairs)
    if len(seen) != len(pairs):
        raise ValueError("the same key twice: " + str([key for key, _ in pairs if [name for name, _ in pairs].count(key) > 1][:3]))
    return seen


def top_level_is_known(tree):
    for path in sorted(tree.root.iterdir()):
        if path.name not in TOP_LEVEL and not path.name.startswith("."):
            yield Finding(path.name, 1, "not a name of the top level (architecture.md)")


def try_stands_in_a_statement(tree):
    """GCC 12 destroys none of the members already made when a TRY inside an initializer's braces returns: each bad input would leak."""
    for path in tree.program_paths():
        code = source_text.blank_out(tree.text(path))
        for match in re.finditer(r"\bTRY\(", code):
            if in_initializer(code, match.start()):
                yield Finding(path, code.count("\n", 0, match.start()) + 1, "TRY inside an initializer's braces leaks its earlier members")


def in_initializer(code, position):
    """Whether the innermost open brace before position opens an initializer, not a block."""
    depth = 0
    for place in range(position - 1, -1, -1):
        letter = code[place]
        if letter in ")]}":
            depth += 1
        elif depth and letter in "([{":
            depth -= 1
        elif letter == ";" and not depth:
            return False
        elif letter == "{":
            before = code[max(0, place - 120):place].rstrip()
            block = re.search(r"(?:\)|->\s*[\w:<>, *&]+|\b(?:else|do|try|const|mutable|noexcept))$", before)
            return not block and bool(re.search(r"[\w=,({>]$", before))
    return False


def headers_guard_and_explain(tree):
    for path in tree.program_paths():
        if path.endswith(".hpp"):
            if "#pragma once" not in tree.text(path):
                yield Finding(path, 1, "no #pragma once")
            if "//" not in tree.text(path):
                yield Finding(path, 1, "a header says what it promises")


RULES = [rooms_point_downward, file_kinds_include_what_they_may, stores_stay_at_home, libraries_stay_in_their_room, functions_are_short,
         templates_escape, nothing_is_postponed, queries_are_whole, time_and_chance_are_arguments, tests_do_not_sleep, catalogs_match,
         top_level_is_known, headers_guard_and_explain, try_stands_in_a_statement]
