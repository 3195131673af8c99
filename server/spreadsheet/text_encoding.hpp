// Text files of Japanese offices: UTF-8 with or without a mark, or CP932 (Windows-31J), which Excel writes as "CSV".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace madoguchi::spreadsheet {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// UTF-8 without a byte order mark. Errors (invalid): file_encoding (neither UTF-8 nor CP932, UTF-16, or NUL in it).
Result<std::string> decode_text(std::string_view bytes);

struct Cp932Text {
    std::string bytes;
    std::vector<std::string> unmapped;  // each letter once, in order of appearance; 〓 stands in its place
};
/// What CP932 has no place for (𠮷, emoji) is replaced and listed, never dropped without a word.
Cp932Text encode_cp932(std::string_view utf8);

}  // namespace madoguchi::spreadsheet
