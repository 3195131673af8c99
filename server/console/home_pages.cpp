#include "console/home_pages.hpp"

#include <algorithm>

#include "console/home_reports_pages.hpp"
#include "directory/console_pages.hpp"

namespace madoguchi::console {
namespace {

using directory::Permission;
using http::Request;
using http::Response;

void show_grants(render::View& page, const HomeParts& parts, const directory::Principal& principal,
                 const Request& request) {
    bool any = false;
    for (const auto& grant : principal.grants) {
        if (!grant.active(request.now)) {
            continue;
        }
        any = true;
        auto& shown = page.add("GRANT");
        shown.set("ROLE_NAME",
                  parts.writer.texts().text("role." + std::string(directory::to_text(grant.role)), request.locale));
        shown.set("GRANT_ORGANIZATION", grant.organization.name);
        shown.set("GRANT_FROM", format_japanese_date_time(grant.from).substr(0, 10));
        if (grant.until) {
            shown.add("GRANT_UNTIL_DATE").set("GRANT_UNTIL", format_japanese_date_time(*grant.until).substr(0, 10));
        } else {
            shown.show("GRANT_OPEN_ENDED");
        }
    }
    if (!any) {
        page.show("NO_GRANT");
    }
}

void show_permissions(render::View& page, const directory::Principal& principal, Instant now) {
    const auto held = directory::permissions(principal, now);
    const auto listed = directory::permissions(directory::browsing(principal), now);
    const auto can = [&](Permission permission) {
        // A helpdesk unlocks after it told a caller from a stranger, not from the list.
        const auto& given = permission == Permission::unlock_account ? listed : held;
        return std::ranges::find(given, permission) != given.end();
    };
    const std::array<std::pair<Permission, const char*>, 7> sections = {
        {{Permission::issue_account, "CAN_ISSUE"},
         {Permission::reset_account, "CAN_RESET"},
         {Permission::assign_role, "CAN_ASSIGN"},
         {Permission::create_organization, "CAN_CREATE_ORGANIZATION"},
         {Permission::start_reset, "CAN_START_RESET"},
         {Permission::unlock_account, "CAN_UNLOCK"},
         {Permission::read_own_audit, "CAN_AUDIT"}}};
    bool any = false;
    for (const auto& [permission, section] : sections) {
        if (can(permission)) {
            page.show(section);
            any = true;
        }
    }
    if (any) {
        page.show("CAN_ANYTHING");
    } else if (!can(Permission::report_own)) {
        page.show("CAN_NOTHING_YET");
    }
}

Result<void> show_methods(render::View& page, const HomeParts& parts, const directory::Principal& principal,
                          const Request& request) {
    for (const auto& method : TRY(parts.sign_in.methods(principal.account))) {
        auto& shown = page.add("METHOD");
        shown.set("METHOD_LABEL", signin::second_step_label(parts.writer.texts(), request.locale, method.kind,
                                                            signin::shown_name(method)));
        shown.set("METHOD_REGISTERED_AT", format_japanese_date_time(method.registered_at));
        if (method.is_default) {
            shown.show("METHOD_DEFAULT");
        }
        if (method.last_used_at) {
            shown.add("METHOD_USED").set("METHOD_LAST_USED_AT", format_japanese_date_time(*method.last_used_at));
        }
    }
    return {};
}

// The day of the week is a kanji: only Japanese pages show it.
std::string today(const Request& request) {
    const auto with_weekday = format_japanese_date(request.now);
    constexpr std::size_t kDateOnly = 10;  // 2026/12/02
    return request.locale == Locale::ja ? with_weekday : with_weekday.substr(0, kDateOnly);
}

Result<Response> home(const HomeParts& parts, const Request& request) {
    const auto principal = parts.sessions.check(request);
    if (!principal) {
        if (principal.error().kind == ErrorKind::unauthenticated) {
            return Response::see_other("/sign-in");
        }
        return failure(principal.error());
    }
    render::View page;
    page.set("TODAY", today(request)).set("LOGIN_ID", principal->login_id);
    page.set("ACCOUNT_NAME", principal->name).set("ORGANIZATION_NAME", principal->home.name).show("SIGNED_IN");
    const auto last = TRY(parts.sign_in.previous_sign_in(principal->account, principal->session));
    if (last) {
        page.add("LAST_SIGN_IN")
            .set("LAST_SIGN_IN_AT", format_japanese_date_time(last->at))
            .set("LAST_SIGN_IN_SOURCE", last->source);
    } else {
        page.show("FIRST_SIGN_IN");
    }
    show_grants(page, parts, *principal, request);
    show_permissions(page, *principal, request.now);
    if (directory::uses_console(*principal, request.now)) {
        page.show("CONSOLE");
    }
    TRY(show_methods(page, parts, *principal, request));
    TRY(show_reports(page, parts.reports, parts.writer.texts(), request, *principal));
    const auto held = directory::permissions(*principal, request.now);
    if (std::ranges::find(held, Permission::reset_account) != held.end()) {
        if (const auto open = TRY(parts.requests.count_open(*principal, request.now)); open > 0) {
            page.add("OPEN_REQUESTS").set("OPEN_REQUESTS_COUNT", std::to_string(open));
        }
    }
    if (const auto contact = TRY(parts.organizations.contact_above(principal->home.path))) {
        page.add("CONTACT").set("CONTACT_NAME", contact->name).set("CONTACT_PHONE", contact->phone);
    }
    return parts.writer.page(request, "home", page);
}

}  // namespace

void add_home_pages(http::RouteTable& routes, const HomeParts& parts) {
    routes.page(http::Method::get, "/", [parts](const Request& request) { return home(parts, request); });
}

}  // namespace madoguchi::console
