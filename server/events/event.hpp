// Rules of events: what is told to programs outside, to whom, and in which form. Pure.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "directory/roles.hpp"

namespace madoguchi::events {

/// As event_type_of() in the database names them.
inline constexpr std::array<std::string_view, 16> kEventTypes = {
    "account.issued",      "account.renamed",        "account.suspended",         "account.resumed",
    "account.closed",      "account.password_reset", "account.second_step_reset", "role.granted",
    "role.revoked",        "organization.created",   "organization.changed",      "organization.moved",
    "organization.closed", "organization.reopened",  "report.submitted",          "report.corrected"};

/// An event stands at one position for good; positions grow with time and have gaps for nobody in particular.
struct Event {
    std::int64_t position = 0;
    std::string type;
    Instant occurred_at;
    std::string organization_path;
    std::string subject_kind;  // "account", "organization"
    std::int64_t subject_id = 0;
    std::string subject_name;
    std::int64_t actor_account = 0;  // 0: the service itself
    std::string actor_name;
    std::string before;  // JSON texts of the audit log, or empty
    std::string after;
};

/// Events of accounts, roles and organizations are lines of the audit log told as they happen; those of reports are for
/// who sees reports.
directory::Permission permission_for(std::string_view type);
/// The types that a permission opens, of those asked for (none asked for: all).
std::vector<std::string> types_under(directory::Permission permission, const std::vector<std::string>& asked_for);
bool is_event_type(std::string_view text);

/// "e0000000000000042": sorts as positions do. It is the event's id and the cursor behind it.
std::string cursor_text(std::int64_t position);
/// "" is the beginning. Nothing: no cursor of ours.
std::optional<std::int64_t> cursor_of(std::string_view text);

/// What orders deliveries: events of one subject are told one after the other.
std::string subject_text(const Event& event);

/// CloudEvents 1.0, structured JSON. `source`: the origin of this service. Of what the log says, only fields of a list
/// are told: neither contacts nor free text ever is.
nlohmann::json to_cloud_event(const Event& event, const std::string& source);

}  // namespace madoguchi::events
