#!/usr/bin/env python3
"""Writes one CTest tree that runs chosen tests of several build trees, so that one summary tells everything.

Usage: combine-tests.py --output DIR [--tree BUILD-DIRECTORY PREFIX LABEL,LABEL...]...
Tests of a tree with a PREFIX are named PREFIX/name, labelled PREFIX too, and keep their own fixtures. The label "other" stands for
tests without any label.
"""
import argparse
import json
import pathlib
import subprocess
import sys

# Names in these properties mean something within one build tree only.
LOCAL_NAMES = {"DEPENDS", "FIXTURES_SETUP", "FIXTURES_REQUIRED", "FIXTURES_CLEANUP"}
# CTest prints these for its own use, and they can't be set.
NOT_SETTABLE = {"_BACKTRACE_TRIPLES"}


def bracket(value):
    """A CMake bracket argument: nothing inside is interpreted."""
    text = str(value)
    fence = "="
    while f"]{fence}]" in text:
        fence += "="
    return f"[{fence}[{text}]{fence}]"


def tests_of(tree):
    listing = subprocess.run(
        ["ctest", "--test-dir", tree, "--show-only=json-v1"], check=True, capture_output=True, text=True
    ).stdout
    tests = []
    for test in json.loads(listing)["tests"]:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        tests.append((test["name"], test.get("command"), properties))
    return tests


def is_chosen(properties, labels):
    own = properties.get("LABELS", [])
    return bool(labels & set(own)) or (not own and "other" in labels)


def with_fixtures(tests, labels):
    """The chosen tests, and those that set up or clean up what they require."""
    chosen = [test for test in tests if is_chosen(test[2], labels)]
    required = {name for test in chosen for name in test[2].get("FIXTURES_REQUIRED", [])}
    for test in tests:
        provides = set(test[2].get("FIXTURES_SETUP", [])) | set(test[2].get("FIXTURES_CLEANUP", []))
        if test not in chosen and provides & required:
            chosen.append(test)
    return chosen


def cmake_value(name, value, prefix):
    values = value if isinstance(value, list) else [value]
    if name in LOCAL_NAMES and prefix:
        values = [f"{prefix}/{entry}" for entry in values]
    if name == "LABELS" and prefix:
        values = [*values, prefix]
    if name == "ENVIRONMENT_MODIFICATION":
        values = [entry if isinstance(entry, str) else f"{entry['name']}={entry['op']}:{entry['value']}" for entry in values]
    return ";".join(str(entry).replace(";", "\\;") for entry in values)


def lines_of(test, prefix):
    name, command, properties = test
    if prefix:
        name = f"{prefix}/{name}"
    # A test whose program is missing must fail, not vanish.
    arguments = " ".join(bracket(word) for word in command) if command else "NOT_AVAILABLE"
    yield f"add_test({bracket(name)} {arguments})"
    for key, value in sorted(properties.items()):
        if key in NOT_SETTABLE or isinstance(value, dict):
            continue
        yield f"set_tests_properties({bracket(name)} PROPERTIES {key} {bracket(cmake_value(key, value, prefix))})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--tree", nargs=3, action="append", default=[], metavar=("BUILD", "PREFIX", "LABELS"))
    options = parser.parse_args()
    lines = ["# Written by ops/combine-tests.py: tests of several build trees in one run."]
    count = 0
    for tree, prefix, labels in options.tree:
        for test in with_fixtures(tests_of(tree), set(labels.split(","))):
            lines.extend(lines_of(test, prefix))
            count += 1
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "CTestTestfile.cmake").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"      {count} tests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
