#include "console/today_pages.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace madoguchi::console {
namespace {

using directory::Permission;
using directory::Principal;
using http::Request;
using http::Response;

bool holds(const Principal& principal, Permission permission, Instant now) {
    const auto held = directory::permissions(principal, now);
    return std::ranges::find(held, permission) != held.end();
}

// The day of the week is a kanji: only Japanese pages show it.
std::string date_of(const Request& request) {
    constexpr std::size_t kDateOnly = 10;  // 2026/12/02
    const auto with_weekday = format_japanese_date(request.now);
    return request.locale == Locale::ja ? with_weekday : with_weekday.substr(0, kDateOnly);
}

std::string bounded(std::int64_t count, std::int64_t most) {
    return count < most ? std::to_string(count) : std::to_string(most) + "+";
}

}  // namespace

std::function<bool(const Principal&, Instant)> who_may(Permission permission) {
    return [permission](const Principal& principal, Instant now) { return holds(principal, permission, now); };
}

void TodayPages::add_pages() {
    console_.page(http::Method::get, "/today",
                  [this](const Request& request, const Principal& principal) { return today(request, principal); });
}

void TodayPages::show_task(render::View& page, const Request& request, const Principal& principal,
                           const TodaySource& source) const {
    const auto task = source.ask(request, principal);
    const auto name = console_.text(request, "today." + source.id);
    if (!task) {
        page.add("FAILED_TASK").set("TASK_NAME", name);
        return;
    }
    if (task->count == 0 || task->href.empty()) {
        page.add("NO_TASK").set("TASK_NAME", name);
        return;
    }
    auto& row = page.add("TASK");
    row.set("TASK_NAME", name).set("TASK_URL", task->href).set("TASK_DETAIL", task->detail);
    row.set("TASK_COUNT", bounded(task->count, limits::kCandidateRows));
    if (!task->badge.empty()) {
        row.add("TASK_BADGE").set("BADGE_TONE", task->tone).set("BADGE_TEXT", task->badge);
    }
}

void TodayPages::show_jurisdiction(render::View& page, const Request& request, const Principal& principal) {
    if (!directory::browses_directory(principal, request.now)) {
        return;
    }
    const auto counts = lists_.counts(principal, request.now);
    if (!counts) {
        return;
    }
    auto& section = page.add("JURISDICTION");
    for (const auto state :
         {accounts::AccountState::active, accounts::AccountState::pending, accounts::AccountState::suspended}) {
        const std::string name(accounts::to_text(state));
        section.add("STATE_ROW")
            .set("STATE_URL", "/accounts?state=" + name)
            .set("STATE_NAME", console_.text(request, "account_state." + name))
            .set("STATE_COUNT", bounded(counts->of.at(static_cast<std::size_t>(state)), limits::kCountedRows));
    }
}

Result<Response> TodayPages::today(const Request& request, const Principal& principal) {
    if (!directory::uses_console(principal, request.now)) {
        return Response::see_other("/");
    }
    render::View page = console_.view(request, principal, "today");
    page.set("TODAY", date_of(request)).set("NOW", format_japanese_time(request.now));
    for (const auto& source : sources_) {
        if (source.concerns(principal, request.now)) {
            show_task(page, request, principal, source);
        }
    }
    if (!page.shows("TASK") && !page.shows("FAILED_TASK")) {
        page.show("NOTHING_WAITS");
    }
    show_jurisdiction(page, request, principal);
    if (console_.serves("/issue") && holds(principal, Permission::issue_account, request.now)) {
        page.show("CAN_ISSUE");
    }
    if (console_.serves("/batches") && holds(principal, Permission::create_organization, request.now)) {
        page.show("CAN_ISSUE_MANY");
    }
    return console_.writer().page(request, "today", page);
}

}  // namespace madoguchi::console
