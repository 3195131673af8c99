#include "render/texts.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "render/placeholders.hpp"

namespace madoguchi::render {
namespace {

tl::unexpected<Error> refuse(const std::string& file, const std::string& reason) {
    return failure(ErrorKind::internal, "internal", file + ": " + reason);
}

Result<Texts::Catalog> read_catalog(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return refuse(file, "cannot be read");
    }
    const auto document = nlohmann::json::parse(stream, nullptr, false);
    if (!document.is_object()) {
        return refuse(file, "is not a JSON object");
    }
    Texts::Catalog catalog;
    for (const auto& [key, value] : document.items()) {
        if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
            return refuse(file, "key " + key + ": not a text");
        }
        auto text = value.get<std::string>();
        if (!placeholders_of(text)) {
            return refuse(file, "key " + key + ": broken placeholder");
        }
        catalog.emplace(key, std::move(text));
    }
    return catalog;
}

/// Names the first key of `left` that `right` lacks, or whose placeholders differ.
std::optional<std::string> first_difference(const Texts::Catalog& left, const Texts::Catalog& right) {
    for (const auto& [key, text] : left) {
        const auto other = right.find(key);
        if (other == right.end()) {
            return "key " + key + ": only in one language";
        }
        if (placeholders_of(text) != placeholders_of(other->second)) {
            return "key " + key + ": placeholders differ between the languages";
        }
    }
    return std::nullopt;
}

}  // namespace

Result<Texts> Texts::load(const std::string& directory) {
    const std::string japanese_file = directory + "/ja.json";
    const std::string english_file = directory + "/en.json";
    Texts texts;
    texts.japanese_ = TRY(read_catalog(japanese_file));
    texts.english_ = TRY(read_catalog(english_file));
    if (const auto difference = first_difference(texts.japanese_, texts.english_)) {
        return refuse(english_file, *difference);
    }
    if (const auto difference = first_difference(texts.english_, texts.japanese_)) {
        return refuse(japanese_file, *difference);
    }
    return texts;
}

const std::string* Texts::find(std::string_view id, Locale locale) const {
    const auto& entries = catalog(locale);
    const auto found = entries.find(id);
    return found == entries.end() ? nullptr : &found->second;
}

bool Texts::has(std::string_view id) const {
    return find(id, Locale::ja) != nullptr;
}

std::string Texts::text(std::string_view id, Locale locale, const TextValues& values) const {
    const std::string* sentence = find(id, locale);
    if (sentence == nullptr && id.starts_with("error.")) {
        sentence = find("error.internal", locale);
    }
    if (sentence == nullptr) {
        return std::string(id);
    }
    return replace_placeholders(*sentence, [&](const std::string& name) {
        const auto value = values.find(name);
        return value == values.end() ? std::string() : value->second;
    });
}

TextValues values_of(const Error& error, Instant now) {
    TextValues values = error.values;
    if (error.retry_after) {
        const auto again = std::chrono::ceil<std::chrono::minutes>(now + *error.retry_after);
        values.try_emplace("time", format_japanese_time(again));
        values.try_emplace("seconds", std::to_string(error.retry_after->count()));
        values.try_emplace("minutes",
                           std::to_string(std::chrono::ceil<std::chrono::minutes>(*error.retry_after).count()));
    }
    return values;
}

std::string spoken_digits(std::string_view code, Locale locale) {
    std::string spoken;
    for (const char digit : code) {
        if (!spoken.empty()) {
            spoken += locale == Locale::en ? ", " : "、";
        }
        spoken += digit;
    }
    return spoken;
}

}  // namespace madoguchi::render
