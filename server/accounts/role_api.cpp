#include <charconv>

#include "accounts/account_api.hpp"
#include "base/japanese_text.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Guard;
using http::Request;
using http::Response;

nlohmann::json to_json(const directory::GrantRecord& record, Instant now) {
    auto out = accounts::to_json(record.grant, now, record.revoked_at);
    out["account"] = {{"id", std::to_string(record.account.value)}, {"login_id", record.login_id}};
    return out;
}

nlohmann::json to_json(const directory::ReviewedGrant& reviewed, Instant now) {
    const auto time = [](const std::optional<Instant>& at) {
        return at ? nlohmann::json(format_rfc3339_japan(*at)) : nlohmann::json(nullptr);
    };
    auto out = to_json(reviewed.record, now);
    out["given_at"] = format_rfc3339_japan(reviewed.created_at);
    out["confirmed_at"] = time(reviewed.confirmed_at);
    out["confirmed_by"] =
        reviewed.confirmed_by.empty() ? nlohmann::json(nullptr) : nlohmann::json(reviewed.confirmed_by);
    out["last_signed_in_at"] = time(reviewed.last_signed_in_at);
    return out;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    if (at + count > text.size()) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, value);
    return error == std::errc() && end == text.data() + at + count && text[at] != '-' ? std::optional(value)
                                                                                      : std::nullopt;
}

Result<Response> grant(RoleService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    GrantRole command;
    command.account = account_key(reader.text("account"));
    command.organization = reader.id<OrganizationId>("organization_id");
    const auto role = directory::role(reader.text("role"));
    if (!role) {
        reader.errors().add("role", "unknown_value");
    }
    command.role = role.value_or(directory::Role::facility_staff);
    if (const auto from = reader.optional_text("from")) {
        command.from = reader.errors().take(parse_instant(*from, "from"));
    }
    if (const auto until = reader.optional_text("until")) {
        command.until = reader.errors().take(parse_instant(*until, "until"));
    }
    command.reason = reader.text("reason");
    const auto mode = reader.flag("dry_run") ? Mode::dry_run : Mode::real;
    TRY(reader.finish());
    const auto outcome = TRY(service.grant(principal, command, mode, request.now));
    if (outcome.approval) {
        return Response::json(202, {{"approval_request_id", std::to_string(outcome.approval->value)}});
    }
    return Response::json(mode == Mode::real ? 201 : 200, to_json(*outcome.grant, request.now));
}

Result<Response> revoke(RoleService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto reason = reader.text("reason");
    const auto mode = reader.flag("dry_run") ? Mode::dry_run : Mode::real;
    TRY(reader.finish());
    return Response::json(
        200, to_json(TRY(service.revoke(principal, GrantId{*id}, reason, mode, request.now)), request.now));
}

Result<Response> confirm(RoleService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto before = TRY(service.reviewed(principal, GrantId{*id}, request.now));
    if (!RoleService::may_change(principal, before, request.now)) {
        return failure(ErrorKind::forbidden,
                       before.record.account == principal.account ? "own_account" : "higher_role");
    }
    TRY(service.confirm(principal, {GrantId{*id}}, request.now));
    return Response::json(200, to_json(TRY(service.reviewed(principal, GrantId{*id}, request.now)), request.now));
}

/// The yearly review: who holds what, with when it was last confirmed.
Result<Response> review(RoleService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "show", "role", "q"}));
    const auto page = TRY(directory::page_of(request));
    directory::ReviewFilter filter{.role = std::nullopt, .after_id = page.after_id, .limit = page.limit + 1};
    const auto show = request.query.find("show").value_or("due");
    if (show != "due" && show != "ends_soon" && show != "all") {
        return invalid_field("show", "unknown_value");
    }
    filter.which = show == "all"         ? directory::ReviewWhich::all
                   : show == "ends_soon" ? directory::ReviewWhich::ends_soon
                                         : directory::ReviewWhich::due;
    if (const auto role = request.query.find("role")) {
        if (!directory::role(*role)) {
            return invalid_field("role", "unknown_value");
        }
        filter.role = *role;
    }
    filter.who = search_key(request.query.text("q"));
    auto found = TRY(service.review(principal, filter, request.now));
    nlohmann::json out = {{"grants", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().record.grant.id.value);
    }
    for (const auto& one : found) {
        out["grants"].push_back(to_json(one, request.now));
    }
    return Response::json(200, out);
}

Result<Response> list(RoleService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"account"}));
    const auto account = request.query.find("account");
    if (!account) {
        return invalid_field("account", "required");
    }
    nlohmann::json out = {{"grants", nlohmann::json::array()}};
    for (const auto& record : TRY(service.list(principal, account_key(*account), request.now))) {
        out["grants"].push_back(to_json(record, request.now));
    }
    return Response::json(200, out);
}

}  // namespace

Result<Instant> parse_instant(const std::string& text, const std::string& field) {
    using namespace std::chrono;
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    const bool date = year && month && day && text.size() >= 10 && text[4] == '-' && text[7] == '-';
    if (!date) {
        return invalid_field(field, "date_format");
    }
    const year_month_day when{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                              std::chrono::day(static_cast<unsigned>(*day))};
    if (!when.ok() || *year < 2000 || *year > 2200) {
        return invalid_field(field, "date_format");
    }
    constexpr auto kJapan = hours(9);
    if (text.size() == 10) {
        return Instant(sys_days(when)) - kJapan;
    }
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    const auto zone = text.find_first_of("Z+-", 19);
    const bool time = text[10] == 'T' && hour && minute && second && *hour < 24 && *minute < 60 && *second < 60 &&
                      text[13] == ':' && text[16] == ':' && zone != std::string::npos;
    if (!time || (text[zone] == 'Z' && zone + 1 != text.size())) {
        return invalid_field(field, "date_format");
    }
    Instant instant = Instant(sys_days(when)) + hours(*hour) + minutes(*minute) + seconds(*second);
    if (text[zone] != 'Z') {
        const auto zone_hours = digits(text, zone + 1, 2);
        const auto zone_minutes = digits(text, zone + 4, 2);
        if (!zone_hours || !zone_minutes || text.size() != zone + 6) {
            return invalid_field(field, "date_format");
        }
        const auto offset = hours(*zone_hours) + minutes(*zone_minutes);
        instant -= text[zone] == '+' ? offset : -offset;
    }
    return instant;
}

void add_role_api(http::RouteTable& routes, RoleService& service, const Guard& guard) {
    routes.api(http::Method::post, "/api/v1/grants",
               [&service, guard](const http::Request& request) { return grant(service, guard, request); });
    routes.api(http::Method::get, "/api/v1/grants",
               [&service, guard](const http::Request& request) { return list(service, guard, request); });
    routes.api(http::Method::get, "/api/v1/grants/review",
               [&service, guard](const http::Request& request) { return review(service, guard, request); });
    routes.api(http::Method::post, "/api/v1/grants/{id}/confirm",
               [&service, guard](const http::Request& request) { return confirm(service, guard, request); });
    routes.api(http::Method::post, "/api/v1/grants/{id}/revoke",
               [&service, guard](const http::Request& request) { return revoke(service, guard, request); });
}

}  // namespace madoguchi::accounts
