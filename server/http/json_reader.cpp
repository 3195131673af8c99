#include "http/json_reader.hpp"

#include <algorithm>

#include <vector>

#include "base/limits.hpp"

namespace madoguchi::http {
namespace {

using Event = nlohmann::json::parse_event_t;

// Watches the parser go through the text: nlohmann keeps the last of two equal keys without a word.
class StrictWatcher {
public:
    bool operator()(int depth, Event event, const nlohmann::json& parsed) {
        switch (event) {
            case Event::object_start:
                keys_.emplace_back();
                break;
            case Event::object_end:
                keys_.pop_back();
                break;
            case Event::key:
                note_key(parsed.get_ref<const std::string&>());
                break;
            case Event::value:
                good_ = good_ && !(parsed.is_string() && has_nul(parsed.get_ref<const std::string&>()));
                break;
            default:
                break;
        }
        good_ = good_ && depth <= static_cast<int>(limits::kJsonDepth);
        return good_;
    }
    bool good() const { return good_; }

private:
    static bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }
    void note_key(const std::string& key) {
        good_ = good_ && !has_nul(key) && !keys_.empty() && keys_.back().insert(key).second;
    }

    std::vector<std::set<std::string>> keys_;
    bool good_ = true;
};

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
    StrictWatcher watcher;
    auto value = nlohmann::json::parse(
        text, [&](int depth, Event event, nlohmann::json& parsed) { return watcher(depth, event, parsed); },
        /*allow_exceptions=*/false);
    if (!watcher.good() || value.is_discarded()) {
        return failure(ErrorKind::invalid, "malformed_json");
    }
    return value;
}

JsonReader::JsonReader(const nlohmann::json& command) : command_(command) {}

const nlohmann::json* JsonReader::find(const std::string& field) {
    known_.insert(field);
    if (!command_.is_object()) {
        return nullptr;
    }
    const auto found = command_.find(field);
    return found == command_.end() || found->is_null() ? nullptr : &*found;
}

void JsonReader::require(const std::string& field, bool found) {
    if (!found) {
        errors_.add(field, "field_required");
    }
}

std::string JsonReader::text(const std::string& field) {
    require(field, find(field) != nullptr);
    return optional_text(field).value_or("");
}

std::optional<std::string> JsonReader::optional_text(const std::string& field) {
    const auto* const value = find(field);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        errors_.add(field, "field_not_text");
        return std::nullopt;
    }
    return value->get<std::string>();
}

std::vector<std::string> JsonReader::texts(const std::string& field) {
    const auto* const value = find(field);
    if (value == nullptr) {
        return {};
    }
    const bool all = value->is_array() && std::ranges::all_of(*value, [](const auto& one) { return one.is_string(); });
    if (!all) {
        errors_.add(field, "field_not_texts");
        return {};
    }
    return value->get<std::vector<std::string>>();
}

std::optional<std::int64_t> JsonReader::optional_integer(const std::string& field) {
    const auto* const value = find(field);
    if (value == nullptr) {
        return std::nullopt;
    }
    const bool fits =
        value->is_number_integer() && !(value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX);
    if (!fits) {
        errors_.add(field, "field_not_integer");
        return std::nullopt;
    }
    return value->get<std::int64_t>();
}

bool JsonReader::flag(const std::string& field) {
    const auto* const value = find(field);
    if (value == nullptr) {
        return false;
    }
    if (!value->is_boolean()) {
        errors_.add(field, "field_not_boolean");
        return false;
    }
    return value->get<bool>();
}

std::optional<std::int64_t> JsonReader::optional_identifier(const std::string& field) {
    const auto* const value = find(field);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto identifier = value->is_string() ? parse_identifier(value->get_ref<const std::string&>()) : std::nullopt;
    if (!identifier) {
        errors_.add(field, "field_not_identifier");
    }
    return identifier;
}

std::int64_t JsonReader::identifier(const std::string& field) {
    require(field, find(field) != nullptr);
    return optional_identifier(field).value_or(0);
}

Result<void> JsonReader::finish() {
    if (!command_.is_object()) {
        return failure(ErrorKind::invalid, "malformed_json", "not an object");
    }
    for (const auto& [field, value] : command_.items()) {
        if (!known_.contains(field)) {
            errors_.add(field, "field_unknown");
        }
    }
    return std::move(errors_).result();
}

std::optional<std::int64_t> parse_identifier(std::string_view text) {
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (text.empty() || text.front() < '1' || text.front() > '9' || parsed.ec != std::errc() || parsed.ptr != end) {
        return std::nullopt;
    }
    return value;
}

}  // namespace madoguchi::http
