"""C++ text without comments and literals, and the functions in it: enough to count lines reliably, no parser."""
import re

RAW_STRING = re.compile(r'(?:u8|u|U|L)?R"([^\s()\\]{0,16})\(')


def blank_out(text, literals=True):
    """The text with comments (and literals, if asked) replaced by spaces; line breaks and positions stay."""
    out = []
    position = 0
    while position < len(text):
        end, is_comment = token_end(text, position)
        if end == position:
            out.append(text[position])
            position += 1
            continue
        piece = text[position:end]
        out.append(re.sub(r"[^\n]", " ", piece) if is_comment or literals else piece)
        position = end
    return "".join(out)


def token_end(text, position):
    """(end, is_comment) of the comment or literal that starts at position; (position, False) where none does."""
    if text.startswith("//", position):
        end = text.find("\n", position)
        return (len(text) if end < 0 else end), True
    if text.startswith("/*", position):
        end = text.find("*/", position + 2)
        return (len(text) if end < 0 else end + 2), True
    before = text[position - 1] if position else " "
    if text[position] in 'uULR"' and not (before.isalnum() or before == "_"):
        raw = RAW_STRING.match(text, position)
        if raw:
            end = text.find(")" + raw.group(1) + '"', raw.end())
            return (len(text) if end < 0 else end + len(raw.group(1)) + 2), False
    if text[position] == '"' or (text[position] == "'" and not (before.isalnum() or before == "_")):
        return quoted_end(text, position), False
    return position, False


def quoted_end(text, position):
    quote = text[position]
    position += 1
    while position < len(text) and text[position] not in (quote, "\n"):
        position += 2 if text[position] == "\\" else 1
    return min(position + 1, len(text))


def raw_strings(text):
    """(line number, content) of each raw string literal outside comments."""
    code = blank_out(text, literals=False)
    for match in RAW_STRING.finditer(code):
        end = code.find(")" + match.group(1) + '"', match.end())
        if end > 0:
            yield code.count("\n", 0, match.start()) + 1, code[match.end() : end]


# What stands between a function's parameter list and its body.
AFTER_PARAMETERS = re.compile(
    r"\)\s*(?:(?:const|noexcept(?:\s*\([^()]*\))?|override|final|mutable|&&?|->\s*[\w:<>,\s*&]+|requires\b[^{};]*)\s*)*$"
)
TYPE_OR_NAMESPACE = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b[^;{}()]*$")
# `: member_{` and `, member_{` in a constructor: a value, not the body.
INITIALIZED_MEMBER = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)(?:[^;]*,)?\s*[\w:<>]+\s*$", re.S)
INITIALIZERS = re.compile(r"\)\s*(?:noexcept\s*)?:\s*[^;]*$", re.S)


def functions(text):
    """(first line, last line) of each outermost function body's definition, signature included."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda match: re.sub(r"[^\n]", " ", match.group()), blank_out(text), flags=re.M)
    position = 0
    statement_start = 0
    while position < len(code):
        character = code[position]
        if character == ";" or character == "}":
            statement_start = position + 1
        elif character == "{":
            head = code[statement_start:position]
            if TYPE_OR_NAMESPACE.search(head):
                statement_start = position + 1
            elif INITIALIZED_MEMBER.search(head):
                position = matching_brace(code, position)
            else:
                end = matching_brace(code, position)
                if is_function(head):
                    yield line_of(code, statement_start + len(head) - len(head.lstrip())), line_of(code, end)
                    statement_start = end + 1
                position = end
        position += 1


def is_function(head):
    return bool(AFTER_PARAMETERS.search(head) or INITIALIZERS.search(head))


def matching_brace(code, position):
    depth = 0
    for index in range(position, len(code)):
        if code[index] == "{":
            depth += 1
        elif code[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return len(code) - 1


def line_of(text, position):
    return text.count("\n", 0, position) + 1
