// Every sentence that people read, in both languages, by id. Loaded once, then only read: safe from any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/locale.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi::render {

using TextValues = std::map<std::string, std::string>;

class Texts {
public:
    /// Reads `ja.json` and `en.json` in `directory`. Errors: internal, whose detail names the file and the key at
    /// fault: not a flat object of strings, a broken placeholder, or the two languages differ in keys or placeholders.
    static Result<Texts> load(const std::string& directory);

    /// The sentence, with `{name}` replaced by `values`. An id that no catalog has is its own text, but an unknown
    /// `error.*` reads as `error.internal`: people never meet an id.
    std::string text(std::string_view id, Locale locale, const TextValues& values = {}) const;
    bool has(std::string_view id) const;
    /// The sentence as it stands in the catalog, or nullptr.
    const std::string* find(std::string_view id, Locale locale) const;

    using Catalog = std::map<std::string, std::string, std::less<>>;
    const Catalog& catalog(Locale locale) const { return locale == Locale::en ? english_ : japanese_; }

private:
    Catalog japanese_;
    Catalog english_;
};

/// What the texts of `error` may mention: its values, and from retry_after `time` ("15:04", rounded up to the minute),
/// `seconds` and `minutes` (rounded up).
TextValues values_of(const Error& error, Instant now);

/// A code as a voice reads it: "4、8、2、7" or "4, 8, 2, 7".
std::string spoken_digits(std::string_view code, Locale locale);

}  // namespace madoguchi::render
