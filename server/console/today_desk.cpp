#include "console/today_pages.hpp"

namespace madoguchi::console {
namespace {

using directory::Permission;
using directory::Principal;
using http::Request;

}  // namespace

void add_desk_tasks(TodayPages& today, const DeskServices& desk) {
    using Count = std::function<Result<std::int64_t>(const Principal&, Instant)>;
    const auto add = [&](const std::string& id, Permission permission, Count count, std::string href) {
        today.add({.id = id,
                   .concerns = who_may(permission),
                   .ask = [count = std::move(count), href = std::move(href)](
                              const Request& request, const Principal& principal) -> Result<TodayTask> {
                       const auto waiting = TRY(count(principal, request.now));
                       return TodayTask{.count = waiting, .href = href, .tone = "is-warning"};
                   }});
    };
    add(
        "applications", Permission::create_organization,
        [&service = desk.applications](const Principal& principal, Instant now) {
            return service.count_open(principal, now);
        },
        "/applications");
    add(
        "requests", Permission::reset_account,
        [&service = desk.requests](const Principal& principal, Instant now) {
            return service.count_open(principal, now);
        },
        "/requests");
    add(
        "dormant", Permission::issue_account,
        [&service = desk.dormancy](const Principal& principal, Instant now) {
            return service.count_warned(principal, now);
        },
        "/dormant");
    add(
        "roles", Permission::assign_role,
        [&service = desk.roles](const Principal& principal, Instant now) { return service.count_due(principal, now); },
        "/roles");
}

}  // namespace madoguchi::console
