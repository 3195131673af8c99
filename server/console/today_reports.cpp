#include "console/today_pages.hpp"

namespace madoguchi::console {
namespace {

using directory::Permission;
using directory::Principal;
using http::Request;

}  // namespace

void add_report_tasks(TodayPages& today, const ReportServices& services, const directory::Console& console) {
    using Count = std::function<Result<std::int64_t>(const Principal&, Instant)>;
    const auto add = [&](const std::string& id, Count count, std::string href) {
        today.add({.id = id,
                   .concerns = who_may(Permission::report_proxy),
                   .ask = [count = std::move(count), href = std::move(href)](
                              const Request& request, const Principal& principal) -> Result<TodayTask> {
                       const auto waiting = TRY(count(principal, request.now));
                       return TodayTask{.count = waiting, .href = href, .tone = "is-warning"};
                   }});
    };
    add(
        "proxy_reports",
        [&proxy = services.proxy](const Principal& principal, Instant now) {
            return proxy.count_waiting(principal, now);
        },
        "/proxy-reports");
    add(
        "report_drafts",
        [&daily = services.daily](const Principal& principal, Instant now) {
            return daily.count_waiting_below(principal, now);
        },
        "/report-drafts");
    add(
        "report_reviews",
        [&proxy = services.proxy](const Principal& principal, Instant now) {
            return proxy.count_unusual(principal, now);
        },
        "/report-reviews");
    today.add({.id = "silent",
               .concerns = reports::oversees,
               .ask = [&completeness = services.completeness, &console](
                          const Request& request, const Principal& principal) -> Result<TodayTask> {
                   const auto count = TRY(completeness.count_silent(principal, request.now));
                   return TodayTask{.count = count,
                                    .detail = console.text(request, "today.silent_detail"),
                                    .href = "/completeness?show=silent"};
               }});
}

}  // namespace madoguchi::console
