// Common passwords (S2): Debian's cracklib word list, and patterns that need no list. One sorted string of lines, about
// 0.5 MiB.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace madoguchi::crypto {

/// In Debian's package cracklib-runtime.
inline constexpr std::string_view kDebianPasswordList = "/usr/share/dict/cracklib-small";

/// Thread-safe once made.
class PasswordBlocklist {
public:
    /// One word a line. Error (internal): password_list_missing; the detail names the file and the package that brings
    /// it.
    static Result<PasswordBlocklist> load(const std::filesystem::path& file = kDebianPasswordList);
    explicit PasswordBlocklist(std::vector<std::string> words);

    /// A listed word in any case or width; a word repeated; a word with a few digits or marks around it; runs such as
    /// 123456789012, aaaaaaaaaaaa, qwertyuiop12.
    bool common(std::string_view password) const;
    /// The bytes that the list holds.
    std::size_t bytes() const { return lines_.capacity(); }

private:
    bool listed(std::string_view word) const;
    bool listed_word_repeated(std::u32string_view text) const;
    bool listed_word_with_few_marks(std::u32string_view text) const;

    std::string lines_;  // "\nalpha\nbeta\n": sorted, so that a word is found by halving without an index
};

}  // namespace madoguchi::crypto
