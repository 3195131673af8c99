#include "directory/console_pages.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "http/percent.hpp"

namespace madoguchi::directory {
namespace {

using http::Request;
using http::Response;

enum class NavGroup { top, reports, accounts, records };
constexpr std::array kNavGroups = {NavGroup::top, NavGroup::reports, NavGroup::accounts, NavGroup::records};

struct NavItem {
    NavGroup group;
    std::string_view id;    // its name is the text nav.<id>
    std::string_view href;  // shown only where such a page is served
    bool (*shown_to)(const Principal&, Instant);
};

bool holds(const Principal& principal, Permission permission, Instant now) {
    const auto held = permissions(principal, now);
    return std::ranges::find(held, permission) != held.end();
}

template <Permission permission>
bool with(const Principal& principal, Instant now) {
    return holds(principal, permission, now);
}

// A helpdesk unlocks on its own screens, after a caller was told from a stranger.
bool unlocks_from_lists(const Principal& principal, Instant now) {
    return holds(browsing(principal), Permission::unlock_account, now);
}

// Of others, not of one's own organization alone.
bool sees_reports(const Principal& principal, Instant now) {
    return std::ranges::any_of(principal.grants, [&](const Grant& grant) {
        return grant.active(now) && reach(grant.role, Permission::see_reports) == Reach::subtree;
    });
}

bool anybody(const Principal&, Instant) {
    return true;
}

constexpr std::array kNavigation = {
    NavItem{NavGroup::top, "today", "/today", anybody},
    NavItem{NavGroup::reports, "completeness", "/completeness", sees_reports},
    NavItem{NavGroup::reports, "report_drafts", "/report-drafts", with<Permission::report_proxy>},
    NavItem{NavGroup::reports, "proxy_reports", "/proxy-reports", with<Permission::report_proxy>},
    NavItem{NavGroup::reports, "report_reviews", "/report-reviews", with<Permission::report_proxy>},
    NavItem{NavGroup::reports, "curve", "/curve", sees_reports},
    NavItem{NavGroup::accounts, "accounts", "/accounts", browses_directory},
    NavItem{NavGroup::accounts, "organizations", "/organizations", browses_directory},
    NavItem{NavGroup::accounts, "issue", "/issue", with<Permission::issue_account>},
    NavItem{NavGroup::accounts, "batches", "/batches", with<Permission::create_organization>},
    NavItem{NavGroup::accounts, "letters", "/letters", with<Permission::issue_account>},
    NavItem{NavGroup::accounts, "applications", "/applications", with<Permission::create_organization>},
    NavItem{NavGroup::accounts, "helpdesk", "/helpdesk", with<Permission::start_reset>},
    NavItem{NavGroup::accounts, "requests", "/requests", with<Permission::reset_account>},
    NavItem{NavGroup::accounts, "slowed", "/accounts/slowed", unlocks_from_lists},
    NavItem{NavGroup::accounts, "dormant", "/dormant", with<Permission::issue_account>},
    NavItem{NavGroup::records, "roles", "/roles", with<Permission::assign_role>},
    NavItem{NavGroup::records, "tokens", "/tokens", with<Permission::assign_role>},
    NavItem{NavGroup::records, "webhooks", "/webhooks", with<Permission::assign_role>},
    NavItem{NavGroup::records, "audit", "/audit", with<Permission::read_own_audit>},
};

std::string_view name_of(NavGroup group) {
    return group == NavGroup::reports    ? "nav.group_reports"
           : group == NavGroup::accounts ? "nav.group_accounts"
                                         : "nav.group_records";
}

constexpr std::size_t kTrailPages = 60;  // the address stays below what proxies accept

std::string joined(const std::vector<std::int64_t>& trail) {
    std::string out;
    for (const auto id : trail) {
        out += (out.empty() ? "" : "-") + std::to_string(id);
    }
    return out;
}

std::string address(const Request& request, const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string query;
    for (const auto& [name, value] : fields) {
        if (!value.empty()) {
            query += (query.empty() ? "?" : "&") + http::percent_encode(name) + "=" + http::percent_encode(value);
        }
    }
    return request.path + query;
}

}  // namespace

bool uses_console(const Principal& principal, Instant now) {
    return std::ranges::any_of(
        kNavigation, [&](const NavItem& item) { return item.group != NavGroup::top && item.shown_to(principal, now); });
}

http::Handler Console::guarded(Handler handler) const {
    return [guard = guard_, handler = std::move(handler)](const Request& request) -> Result<Response> {
        const auto principal = guard(request);
        if (!principal) {
            return principal.error().kind == ErrorKind::unauthenticated
                       ? Result<Response>(Response::see_other("/sign-in"))
                       : failure(principal.error());
        }
        return handler(request, *principal);
    };
}

void Console::page(http::Method method, std::string pattern, Handler handler) {
    routes_.page(method, std::move(pattern), guarded(std::move(handler)));
}

void Console::upload(std::string pattern, Handler handler) {
    routes_.upload(std::move(pattern), guarded(std::move(handler)));
}

bool Console::serves(std::string_view path) const {
    const auto match = routes_.find(http::Method::get, path);
    // "/accounts/slowed" is a page of its own, not the account "slowed".
    return match.route != nullptr && match.route->pattern == path;
}

render::View Console::view(const Request& request, const Principal& principal, std::string_view nav) const {
    render::View page;
    page.set("ACCOUNT_NAME", principal.name).set("ORGANIZATION_NAME", principal.home.name).show("SIGNED_IN");
    page.set("PAGE_ROWS", std::to_string(limits::kPageRows));
    if (browses_directory(principal, request.now) && serves("/search")) {
        page.show("CONSOLE_SEARCH");
    }
    for (const NavGroup group : kNavGroups) {
        render::View* shown_group = nullptr;
        for (const NavItem& item : kNavigation) {
            if (item.group != group || !serves(item.href) || !item.shown_to(principal, request.now)) {
                continue;
            }
            if (shown_group == nullptr) {
                shown_group = &page.add("NAV_GROUP");
                if (group != NavGroup::top) {
                    shown_group->add("NAV_HEADING").set("NAV_GROUP_NAME", text(request, name_of(group)));
                }
            }
            auto& shown = shown_group->add("NAV_ITEM");
            shown.set("NAV_HREF", item.href).set("NAV_NAME", text(request, "nav." + std::string(item.id)));
            if (item.id == nav) {
                shown.show("NAV_CURRENT");
            }
            const auto counter = counters_.find(item.id);
            const auto number =
                counter == counters_.end() ? Result<std::int64_t>(0) : counter->second(principal, request.now);
            if (number && *number > 0) {
                shown.add("NAV_COUNT").set("NAV_NUMBER", std::to_string(*number));
            }
        }
    }
    return page;
}

void add_crumb(render::View& page, std::string_view name, std::string_view href) {
    if (!page.shows("CRUMBS")) {
        page.show("CRUMBS");
    }
    page.add("CRUMB").set("CRUMB_NAME", name).set("CRUMB_HREF", href);
}

void show_toast(render::View& page, std::string_view text) {
    page.show("TOAST").set("TOAST_TEXT", text);
}

void show_undo(render::View& page, std::string_view text, std::string_view url, std::string_view reason) {
    show_toast(page, text);
    page.add("UNDO").set("UNDO_URL", url).set("UNDO_REASON", reason);
}

void add_option(render::View& page, std::string_view field, std::string_view value, std::string_view text,
                std::string_view chosen) {
    std::string section(field);
    std::ranges::transform(section, section.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    auto& option = page.add(section + "_OPTION");
    option.set("OPTION_VALUE", value).set("OPTION_TEXT", text);
    if (value == chosen) {
        option.show("OPTION_SELECTED");
    }
}

ListPlace place_of(const Request& request) {
    ListPlace place;
    place.after = http::parse_identifier(request.query.text("after")).value_or(0);
    if (place.after == 0) {
        return place;
    }
    place.page = std::max<std::int64_t>(2, http::parse_identifier(request.query.text("page")).value_or(2));
    std::string trail = request.query.text("trail");
    while (!trail.empty() && place.trail.size() < kTrailPages) {
        const auto end = std::min(trail.find('-'), trail.size());
        if (const auto id = http::parse_identifier(trail.substr(0, end))) {
            place.trail.push_back(*id);
        }
        trail.erase(0, end + 1);
    }
    return place;
}

std::string address_with(const Request& request, const std::vector<std::pair<std::string, std::string>>& fields) {
    std::vector<std::pair<std::string, std::string>> kept;
    for (const auto& field : request.query.all()) {
        const bool replaced = field.first == "done" || std::ranges::any_of(fields, [&](const auto& other) {
                                  return other.first == field.first;
                              });
        if (!replaced) {
            kept.push_back(field);
        }
    }
    kept.insert(kept.end(), fields.begin(), fields.end());
    return address(request, kept);
}

std::string first_page_with(const Request& request, std::vector<std::pair<std::string, std::string>> fields) {
    for (const auto* name : {"after", "trail", "page"}) {
        fields.emplace_back(name, "");
    }
    return address_with(request, fields);
}

void show_pager(render::View& page, const Request& request, const ListPlace& place, std::int64_t next_after) {
    if (place.after == 0 && next_after == 0) {
        return;
    }
    page.show("PAGER");
    if (place.after != 0) {
        auto trail = place.trail;
        const std::int64_t before = trail.empty() ? 0 : trail.back();
        if (!trail.empty()) {
            trail.pop_back();
        }
        page.add("PREVIOUS")
            .set("PREVIOUS_URL", before == 0 ? first_page_with(request, {})
                                             : address_with(request, {{"after", std::to_string(before)},
                                                                      {"trail", joined(trail)},
                                                                      {"page", std::to_string(place.page - 1)}}));
    }
    if (next_after != 0) {
        auto trail = place.trail;
        if (place.after != 0) {
            trail.push_back(place.after);
        }
        if (trail.size() > kTrailPages) {
            trail.erase(trail.begin());
        }
        page.add("NEXT").set("NEXT_URL", address_with(request, {{"after", std::to_string(next_after)},
                                                                {"trail", joined(trail)},
                                                                {"page", std::to_string(place.page + 1)}}));
    }
}

void add_chip(render::View& page, std::string_view text, std::string_view url) {
    page.show("CHIPS").add("CHIP").set("CHIP_TEXT", text).set("CHIP_URL", url);
}

}  // namespace madoguchi::directory
