#include "accounts/account_api.hpp"
#include "accounts/desk_pages.hpp"
#include "base/field_errors.hpp"
#include "base/japanese_date.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Console;
using directory::Principal;
using directory::ReviewedGrant;
using directory::ReviewWhich;
using http::Method;
using http::Response;
using HttpRequest = http::Request;

constexpr const char* kPath = "/roles";

struct Parts {
    Console& console;
    RoleService& roles;
};

ReviewWhich which_of(const HttpRequest& request) {
    const auto which = request.query.text("which");
    return which == "all" ? ReviewWhich::all : which == "ends_soon" ? ReviewWhich::ends_soon : ReviewWhich::due;
}

void fill(render::View& view, const Parts& parts, const HttpRequest& request, const ReviewedGrant& one) {
    const auto& grant = one.record.grant;
    view.set("GRANT_ID", std::to_string(grant.id.value))
        .set("GRANT_ROLE", role_name(parts.console, request, grant.role));
    view.set("GRANT_ORGANIZATION", grant.organization.name).set("GRANT_LOGIN_ID", short_login_id(one.record.login_id));
    view.set("GRANT_PERSON", one.person).set("GRANT_HOME", one.home.name);
    view.set("GRANT_ACCOUNT_ID", std::to_string(one.record.account.value));
    view.set("GRANT_FROM", shown_date(grant.from));
    view.set("GRANT_GIVEN_AT", shown_date(one.created_at));
    if (grant.organization.id != one.home.id) {
        view.show("ELSEWHERE");
    }
    if (grant.until) {
        view.add("GRANT_UNTIL").set("GRANT_UNTIL_DATE", shown_date(*grant.until));
    } else {
        view.show("GRANT_OPEN_ENDED");
    }
    if (grant.from > request.now) {
        view.show("GRANT_FUTURE");
    }
    if (one.account_state == "suspended") {
        view.show("ACCOUNT_SUSPENDED");
    }
    if (one.confirmed_at) {
        view.add("CONFIRMED").set("CONFIRMED_AT", shown_date(*one.confirmed_at)).set("CONFIRMED_BY", one.confirmed_by);
    } else {
        view.show("NEVER_CONFIRMED");
    }
    if (one.last_signed_in_at) {
        view.add("USED").set("USED_AT", shown_date(*one.last_signed_in_at));
    } else {
        view.show("NEVER_USED");
    }
}

render::View list_view(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    render::View page = parts.console.view(request, principal, "roles");
    const auto chosen = which_of(request);
    for (const auto& [which, name] :
         {std::pair(ReviewWhich::due, "due"), std::pair(ReviewWhich::ends_soon, "ends_soon"),
          std::pair(ReviewWhich::all, "all")}) {
        auto& segment = page.add("SEGMENT");
        segment.set("SEGMENT_URL", directory::first_page_with(request, {{"which", name}}));
        segment.set("SEGMENT_NAME", parts.console.text(request, std::string("roles.which_") + name));
        if (which == chosen) {
            segment.show("SEGMENT_CURRENT");
            page.set("WHICH", name);
        }
    }
    const auto role = request.query.text("role");
    directory::add_option(page, "role", "", parts.console.text(request, "list.all"), role);
    for (const auto one : directory::kRoles) {
        directory::add_option(page, "role", directory::to_text(one), role_name(parts.console, request, one), role);
    }
    const auto who = request.query.text("who");
    page.set("WHO", who);
    if (!search_key(who).empty()) {
        directory::add_chip(page,
                            parts.console.text(request, "list.condition",
                                               {{"field", parts.console.text(request, "roles.who")}, {"value", who}}),
                            directory::first_page_with(request, {{"who", ""}}));
    }
    const auto confirmed = http::parse_identifier(request.query.text("confirmed"));
    if (confirmed) {
        directory::show_toast(
            page, parts.console.text(request, "roles.done_confirmed", {{"count", std::to_string(*confirmed)}}));
    }
    const auto done = request.query.text("done");
    if (done == "revoked" || done == "given" || done == "asked") {
        directory::show_toast(page, parts.console.text(request, "roles.done_" + done));
    }
    return page;
}

Result<Response> draw_list(const Parts& parts, const HttpRequest& request, const Principal& principal,
                           const Error* error) {
    const auto place = directory::place_of(request);
    directory::ReviewFilter filter{
        .which = which_of(request), .role = std::nullopt, .after_id = place.after, .limit = limits::kPageRows + 1};
    if (const auto role = directory::role(request.query.text("role"))) {
        filter.role = std::string(directory::to_text(*role));
    }
    filter.who = search_key(request.query.text("who"));
    auto found = TRY(parts.roles.review(principal, filter, request.now));
    std::int64_t next = 0;
    if (found.size() > static_cast<std::size_t>(limits::kPageRows)) {
        found.resize(static_cast<std::size_t>(limits::kPageRows));
        next = found.back().record.grant.id.value;
    }
    render::View page = list_view(parts, request, principal);
    bool any = false;
    for (const auto& one : found) {
        auto& row = page.add("ROLE");
        fill(row, parts, request, one);
        const bool own = one.record.account == principal.account;
        const bool may = RoleService::may_change(principal, one, request.now);
        row.show(may ? "CAN_CHANGE" : own ? "OWN_ROLE" : "NOT_YOURS");
        any = any || may;
    }
    page.show(found.empty() ? "EMPTY" : "LIST");
    if (any) {
        page.show("CAN_CONFIRM");
    }
    directory::show_pager(page, request, place, next);
    if (error != nullptr) {
        page.set("BACK", kPath);
        return refused_page(parts.console, request, "roles", page, *error);
    }
    return parts.console.writer().page(request, "roles", page);
}

Result<Response> list(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    return draw_list(parts, request, principal, nullptr);
}

Result<Response> confirm(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto form = TRY(request.form());
    std::vector<GrantId> ids;
    for (const auto& [name, value] : form.all()) {
        if (const auto id = http::parse_identifier(value); name == "grant" && id) {
            ids.push_back({*id});
        }
    }
    const auto confirmed = parts.roles.confirm(principal, ids, request.now);
    if (!confirmed) {
        return is_refusal(confirmed.error()) ? draw_list(parts, request, principal, &confirmed.error())
                                             : failure(confirmed.error());
    }
    const auto which = form.text("which");
    return Response::see_other(std::string(kPath) + "?confirmed=" + std::to_string(*confirmed) +
                               (which == "all" || which == "ends_soon" ? "&which=" + which : ""));
}

GrantId grant_of(const HttpRequest& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

Result<render::View> revoke_view(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto one = TRY(parts.roles.reviewed(principal, grant_of(request), request.now));
    render::View page = parts.console.view(request, principal, "roles");
    directory::add_crumb(page, parts.console.text(request, "roles.title"), kPath);
    fill(page, parts, request, one);
    return page;
}

Result<Response> ask_revoke(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    return parts.console.writer().page(request, "role_revoke", TRY(revoke_view(parts, request, principal)));
}

Result<Response> revoke(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto done = parts.roles.revoke(principal, grant_of(request), form.text("reason"), Mode::real, request.now);
    if (done) {
        return Response::see_other(std::string(kPath) + "?done=revoked");
    }
    if (!is_refusal(done.error())) {
        return failure(done.error());
    }
    auto page = TRY(revoke_view(parts, request, principal));
    page.set("REASON", form.text("reason"));
    return refused_page(parts.console, request, "role_revoke", page, done.error());
}

render::View new_view(const Parts& parts, const HttpRequest& request, const Principal& principal,
                      const http::Fields& typed) {
    render::View page = parts.console.view(request, principal, "roles");
    directory::add_crumb(page, parts.console.text(request, "roles.title"), kPath);
    page.set("ACCOUNT", typed.text("account")).set("FROM", typed.text("from")).set("UNTIL", typed.text("until"));
    page.set("REASON", typed.text("reason"));
    const auto role = typed.text("role");
    directory::add_option(page, "role", "", parts.console.text(request, "roles.choose"), role);
    for (const auto one : directory::kRoles) {
        directory::add_option(page, "role", directory::to_text(one), role_name(parts.console, request, one), role);
    }
    const auto chosen = typed.text("organization_id");
    directory::add_option(page, "organization_id", "home", parts.console.text(request, "roles.at_home"), chosen);
    std::vector<OrganizationId> shown;
    for (const auto& grant : principal.grants) {
        const bool again = std::ranges::find(shown, grant.organization.id) != shown.end();
        if (grant.active(request.now) && !again) {
            directory::add_option(page, "organization_id", std::to_string(grant.organization.id.value),
                                  grant.organization.name, chosen);
            shown.push_back(grant.organization.id);
        }
    }
    return page;
}

Result<Response> ask_new(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    TRY(directory::acting(principal, directory::Permission::assign_role, request.now));
    return parts.console.writer().page(request, "role_new", new_view(parts, request, principal, request.query));
}

/// A day in Japan: `from` begins it; `until` is the last day on which the role holds.
std::optional<Instant> day_of(const http::Fields& form, const char* field, FieldErrors& errors) {
    const std::string typed = fold_width(form.text(field));
    if (typed.empty()) {
        return std::nullopt;
    }
    const auto day = errors.take(parse_japanese_day(typed, field));
    if (!day) {
        return std::nullopt;
    }
    return std::string_view(field) == "until" ? *day + std::chrono::days(1) : *day;
}

Result<GrantRole> command_of(const Parts& parts, const HttpRequest& request, const Principal& principal,
                             const http::Fields& form) {
    FieldErrors errors;
    GrantRole command;
    const auto account = fold_width(form.text("account"));
    if (account.empty()) {
        errors.add("account", "required");
    }
    command.account = account_key(account);
    const auto role = directory::role(form.text("role"));
    if (!role) {
        errors.add("role", "choice_required");
    }
    command.role = role.value_or(directory::Role::facility_staff);
    if (form.text("organization_id") == "home" || form.text("organization_id").empty()) {
        // At the organization of the account itself.
        const auto home = parts.roles.home_of(principal, command.account, request.now);
        if (!home && !account.empty()) {
            errors.add("account", "not_found");
        }
        command.organization = home.value_or(OrganizationId{});
    } else {
        command.organization = {http::parse_identifier(form.text("organization_id")).value_or(0)};
    }
    command.from = day_of(form, "from", errors);
    command.until = day_of(form, "until", errors);
    command.reason = form.text("reason");
    if (fold_width(command.reason).empty()) {
        errors.add("reason", "reason_required");
    }
    TRY(std::move(errors).result());
    return command;
}

Result<Response> give(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto given = command_of(parts, request, principal, form).and_then([&](const GrantRole& command) {
        return parts.roles.grant(principal, command, Mode::real, request.now);
    });
    if (given) {
        return Response::see_other(std::string(kPath) + "?which=all&done=" + (given->approval ? "asked" : "given"));
    }
    return is_refusal(given.error()) ? refused_page(parts.console, request, "role_new",
                                                    new_view(parts, request, principal, form), given.error())
                                     : Result<Response>(failure(given.error()));
}

}  // namespace

void add_role_pages(Console& console, RoleService& roles) {
    const Parts parts{console, roles};
    using Handler = Result<Response> (*)(const Parts&, const HttpRequest&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        console.page(method, std::move(pattern),
                     [parts, handler](const HttpRequest& request, const Principal& principal) {
                         return handler(parts, request, principal);
                     });
    };
    add(Method::get, kPath, list);
    add(Method::post, std::string(kPath) + "/confirm", confirm);
    add(Method::get, std::string(kPath) + "/new", ask_new);
    add(Method::post, std::string(kPath) + "/new", give);
    add(Method::get, std::string(kPath) + "/{id}/revoke", ask_revoke);
    add(Method::post, std::string(kPath) + "/{id}/revoke", revoke);
    console.count("roles",
                  [&roles](const Principal& principal, Instant now) { return roles.count_due(principal, now); });
}

}  // namespace madoguchi::accounts
