#include "console/today_pages.hpp"

namespace madoguchi::console {
namespace {

using accounts::Figure;
using directory::Permission;
using directory::Principal;
using http::Request;

// "12/03" of "2026/12/03 15:04"
std::string short_date(Instant instant) {
    constexpr std::size_t kMonth = 5;
    constexpr std::size_t kMonthAndDay = 5;
    return format_japanese_date_time(instant).substr(kMonth, kMonthAndDay);
}

}  // namespace

void add_account_tasks(TodayPages& today, accounts::AccountListService& lists, const directory::Console& console) {
    using Ask = Result<Figure> (accounts::AccountListService::*)(const Principal&, Instant);
    const auto add = [&](const std::string& id, Ask ask, std::string href, std::string_view tone) {
        today.add({.id = id,
                   .concerns = who_may(Permission::issue_account),
                   .ask = [&lists, &console, id, ask, href = std::move(href), tone](
                              const Request& request, const Principal& principal) -> Result<TodayTask> {
                       const Figure figure = TRY((lists.*ask)(principal, request.now));
                       TodayTask task{.count = figure.number,
                                      .detail = console.text(request, "today." + id + "_detail"),
                                      .href = href,
                                      .badge = {},
                                      .tone = tone};
                       if (figure.first) {
                           task.badge = console.text(request, "today.from", {{"date", short_date(*figure.first)}});
                       }
                       return task;
                   }});
    };
    add("lapsing", &accounts::AccountListService::lapsing, "/accounts?state=pending&initial=soon", "is-warning");
    add("never_used", &accounts::AccountListService::never_used, "/accounts?state=pending&last=never&sort=unused",
        "is-neutral");
    add("unused", &accounts::AccountListService::unused, "/accounts?state=active&last=quarter&sort=unused",
        "is-neutral");
}

}  // namespace madoguchi::console
