#include "render/template_source.hpp"

#include <cctype>
#include <set>

#include "render/placeholders.hpp"

namespace madoguchi::render {
namespace {

constexpr int kPartialDepth = 4;  // a partial in a partial is usual; deeper than this is a circle

tl::unexpected<Error> refuse(const std::string& file, const std::string& reason) {
    return failure(ErrorKind::internal, "internal", file + ": " + reason);
}

struct Call {
    std::string name;
    std::map<std::string, std::string> parameters;
};

std::size_t skip_spaces(std::string_view text, std::size_t at) {
    while (at < text.size() && text[at] == ' ') {
        ++at;
    }
    return at;
}

/// `name key="value" key="value"`
Result<Call> parse_call(const std::string& file, std::string_view text) {
    Call call;
    auto at = std::min(text.find(' '), text.size());
    call.name = std::string(text.substr(0, at));
    while ((at = skip_spaces(text, at)) < text.size()) {
        const auto equals = text.find("=\"", at);
        const auto end = equals == std::string_view::npos ? equals : text.find('"', equals + 2);
        if (end == std::string_view::npos) {
            return refuse(file, "partial " + call.name + ": parameters are written key=\"value\"");
        }
        call.parameters.emplace(text.substr(at, equals - at), text.substr(equals + 2, end - equals - 2));
        at = end + 1;
    }
    return call;
}

/// Replaces `open`...`close` by what `replacement` makes of the text between them.
template <class Replacement>
Result<std::string> replace_marks(const std::string& file, std::string_view content, std::string_view open,
                                  std::string_view close, const Replacement& replacement) {
    std::string result;
    std::size_t at = 0;
    while (true) {
        const auto begin = content.find(open, at);
        if (begin == std::string_view::npos) {
            result += content.substr(at);
            return result;
        }
        const auto end = content.find(close, begin + open.size());
        if (end == std::string_view::npos) {
            return refuse(file, "a mark is opened by " + std::string(open) + " and never closed");
        }
        result += content.substr(at, begin - at);
        result += TRY(replacement(content.substr(begin + open.size(), end - begin - open.size())));
        at = end + close.size();
    }
}

Result<std::string> with_parameters(const std::string& file, const Call& call, const std::string& partial) {
    std::set<std::string> used;
    auto replaced = replace_marks(file, partial, "[[", "]]", [&](std::string_view name) -> Result<std::string> {
        const auto value = call.parameters.find(std::string(name));
        if (value == call.parameters.end()) {
            return refuse(file, "partial " + call.name + ": parameter " + std::string(name) + " is missing");
        }
        used.emplace(name);
        return value->second;
    });
    if (replaced && used.size() != call.parameters.size()) {
        return refuse(file, "partial " + call.name + ": a parameter that it does not take");
    }
    return replaced;
}

Result<std::string> expand_partials(const std::string& file, const std::string& content, const TemplateFiles& partials,
                                    int depth) {
    if (depth > kPartialDepth) {
        return refuse(file, "partials go round in a circle");
    }
    return replace_marks(file, content, "{{@", "}}", [&](std::string_view text) -> Result<std::string> {
        const Call call = TRY(parse_call(file, text));
        const auto partial = partials.find(call.name);
        if (partial == partials.end()) {
            return refuse(file, "unknown partial " + call.name);
        }
        return expand_partials(file, TRY(with_parameters(file, call, partial->second)), partials, depth + 1);
    });
}

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

/// Pairs of `mark` become `open` and `close`.
std::string with_pairs(std::string_view text, std::string_view mark, std::string_view open, std::string_view close) {
    std::string result;
    std::size_t at = 0;
    bool opened = false;
    for (auto found = text.find(mark); found != std::string_view::npos; found = text.find(mark, at)) {
        result += text.substr(at, found - at);
        result += opened ? close : open;
        opened = !opened;
        at = found + mark.size();
    }
    result += text.substr(at);
    return result;
}

std::string upper(std::string name) {
    for (char& c : name) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

std::string as_template(std::string_view sentence) {
    const auto escaped =
        with_pairs(with_pairs(escape_html(sentence), "**", "<b>", "</b>"), "__", "<span class=\"nowrap\">", "</span>");
    return replace_placeholders(escaped, [](const std::string& name) { return "{{" + upper(name) + "}}"; });
}

}  // namespace

Result<std::string> with_partials(const std::string& file, const std::string& content, const TemplateFiles& partials) {
    return expand_partials(file, content, partials, 0);
}

Result<std::string> with_texts(const std::string& file, const std::string& content, const Texts& texts, Locale locale) {
    return replace_marks(file, content, "{{=", "}}", [&](std::string_view key) -> Result<std::string> {
        // ctemplate itself uses {{=...=}} to change its delimiters; we never do, so every {{= is a text.
        const auto* sentence = texts.find(key, locale);
        if (sentence == nullptr) {
            return refuse(file, "unknown text " + std::string(key));
        }
        return as_template(*sentence);
    });
}

}  // namespace madoguchi::render
