// JSON commands read strictly: bounded, no duplicate or unknown keys (S17), every bad field told at once.
#pragma once

#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/field_errors.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace madoguchi::http {

/// Errors: invalid (`malformed_json`): no JSON, deeper than limits::kJsonDepth, a key twice in one object, NUL in a
/// string.
Result<nlohmann::json> parse_json(std::string_view text);

/// Reads one object field by field; what is missing or of another type is noted, and finish() tells all of it.
/// Rules told: field_required, field_not_text, field_not_texts, field_not_integer, field_not_boolean,
/// field_not_identifier, field_unknown.
class JsonReader {
public:
    /// Borrows `command`, which outlives the reader. Anything but an object is told by finish() (`malformed_json`).
    explicit JsonReader(const nlohmann::json& command);

    /// Required text; "" if it is missing or no text. An empty text is given as it is.
    std::string text(const std::string& field);
    /// Absent and null are nothing.
    std::optional<std::string> optional_text(const std::string& field);
    /// A list of texts; nothing if it is absent. Rule told: field_not_texts.
    std::vector<std::string> texts(const std::string& field);
    std::optional<std::int64_t> optional_integer(const std::string& field);
    /// false if absent.
    bool flag(const std::string& field);
    /// Ids are decimal strings ("1205"), because JavaScript's numbers lose the last digits.
    std::optional<std::int64_t> optional_identifier(const std::string& field);
    std::int64_t identifier(const std::string& field);
    template <class IdType>
    IdType id(const std::string& field) {
        return IdType{identifier(field)};
    }

    /// Where a room adds its own rules, so that they are told together with ours.
    FieldErrors& errors() { return errors_; }
    /// Errors: invalid with every bad field, fields that nobody asked for among them.
    Result<void> finish();

private:
    const nlohmann::json* find(const std::string& field);
    void require(const std::string& field, bool found);

    const nlohmann::json& command_;
    FieldErrors errors_;
    std::set<std::string> known_;
};

/// A positive decimal without sign, leading zeros or blanks, as ids stand in paths and JSON.
std::optional<std::int64_t> parse_identifier(std::string_view text);

}  // namespace madoguchi::http
