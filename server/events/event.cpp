#include "events/event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace madoguchi::events {
namespace {

using directory::Permission;

constexpr std::size_t kCursorDigits = 16;

// What is not named here stays inside, whatever a service writes into the log one day.
constexpr std::array<std::string_view, 31> kTold = {"login_id",
                                                    "organization_id",
                                                    "organization",
                                                    "batch",
                                                    "state",
                                                    "family_name",
                                                    "given_name",
                                                    "family_kana",
                                                    "given_kana",
                                                    "role",
                                                    "from",
                                                    "until",
                                                    "kind",
                                                    "name",
                                                    "parent_id",
                                                    "parent",
                                                    "date",
                                                    "version",
                                                    "counts",
                                                    "total",
                                                    "receipt",
                                                    "late",
                                                    "warnings",
                                                    "proxy",
                                                    "received_by",
                                                    "received_at",
                                                    "adjustment",
                                                    "differences",
                                                    "report_date",
                                                    "institution_code",
                                                    "local_government_code"};

bool is_told(std::string_view key) {
    return std::ranges::find(kTold, key) != kTold.end();
}

nlohmann::json told(const nlohmann::json& value) {
    if (!value.is_object()) {
        return value;
    }
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [key, inner] : value.items()) {
        if (is_told(key)) {
            // Ids are texts in all of our JSON: JavaScript's numbers lose the last digits.
            const bool id = (key.ends_with("_id") || key == "batch") && inner.is_number_integer();
            out[key] = id ? nlohmann::json(std::to_string(inner.get<std::int64_t>())) : told(inner);
        }
    }
    return out;
}

nlohmann::json told(const std::string& text) {
    const auto parsed = text.empty() ? nlohmann::json() : nlohmann::json::parse(text, nullptr, false);
    return parsed.is_object() ? told(parsed) : nlohmann::json(nullptr);
}

// The last part of "1.13.205." is the organization's own id.
std::string organization_of(std::string_view path) {
    const auto inner = path.substr(0, path.empty() ? 0 : path.size() - 1);
    const auto dot = inner.rfind('.');
    return std::string(dot == std::string_view::npos ? inner : inner.substr(dot + 1));
}

}  // namespace

Permission permission_for(std::string_view type) {
    return type.starts_with("report.") ? Permission::see_reports : Permission::read_audit;
}

std::vector<std::string> types_under(Permission permission, const std::vector<std::string>& asked_for) {
    std::vector<std::string> out;
    for (const auto type : kEventTypes) {
        const bool asked = asked_for.empty() || std::ranges::find(asked_for, type) != asked_for.end();
        if (asked && permission_for(type) == permission) {
            out.emplace_back(type);
        }
    }
    return out;
}

bool is_event_type(std::string_view text) {
    return std::ranges::find(kEventTypes, text) != kEventTypes.end();
}

std::string cursor_text(std::int64_t position) {
    return fmt::format("e{:016}", position);
}

std::optional<std::int64_t> cursor_of(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    std::int64_t position = 0;
    const char* const end = text.data() + text.size();
    const bool shaped = text.size() == kCursorDigits + 1 && text.front() == 'e' &&
                        std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
    const bool read = shaped && std::from_chars(text.data() + 1, end, position).ec == std::errc();
    return read ? std::optional(position) : std::nullopt;
}

std::string subject_text(const Event& event) {
    return event.subject_kind + "s/" + std::to_string(event.subject_id);
}

nlohmann::json to_cloud_event(const Event& event, const std::string& source) {
    const auto actor = event.actor_account == 0 ? nlohmann::json(nullptr)
                                                : nlohmann::json{{"id", std::to_string(event.actor_account)},
                                                                 {"login_id", event.actor_name}};
    return {{"specversion", "1.0"},
            {"id", cursor_text(event.position)},
            {"source", source},
            {"type", event.type},
            {"subject", subject_text(event)},
            {"time", format_rfc3339_japan(event.occurred_at)},
            {"datacontenttype", "application/json"},
            {"data",
             {{"subject",
               {{"kind", event.subject_kind}, {"id", std::to_string(event.subject_id)}, {"name", event.subject_name}}},
              {"organization", {{"id", organization_of(event.organization_path)}}},
              {"actor", actor},
              {"before", told(event.before)},
              {"after", told(event.after)}}}};
}

}  // namespace madoguchi::events
