// What happens to a template before the engine compiles it: `{{@partial}}` is put in, `{{=text.key}}` becomes a
// sentence.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/locale.hpp"
#include "base/result.hpp"
#include "render/texts.hpp"

namespace madoguchi::render {

/// Line 1 of every page: without it the engine escapes nothing.
inline constexpr std::string_view kEscapingLine = "{{%AUTOESCAPE context=\"HTML\"}}\n";

/// Name (file name without .html) -> content.
using TemplateFiles = std::map<std::string, std::string, std::less<>>;

/// `content` of `file` with partials put in and their `[[parameters]]` replaced. Errors: internal, the detail names the
/// file.
Result<std::string> with_partials(const std::string& file, const std::string& content, const TemplateFiles& partials);

/// `content` of `file` with every `{{=key}}` replaced by the sentence: HTML-escaped, `{name}` turned into `{{NAME}}`,
/// `**x**` into bold and `__x__` into text that does not break. Errors: internal, the detail names file and key.
Result<std::string> with_texts(const std::string& file, const std::string& content, const Texts& texts, Locale locale);

}  // namespace madoguchi::render
