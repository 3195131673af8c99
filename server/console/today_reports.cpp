#include "console/today_pages.hpp"

namespace madoguchi::console {

void add_report_tasks(TodayPages& today, reports::CompletenessService& completeness,
                      const directory::Console& console) {
    using directory::Principal;
    using http::Request;
    today.add(
        {.id = "silent",
         .concerns = reports::oversees,
         .ask = [&completeness, &console](const Request& request, const Principal& principal) -> Result<TodayTask> {
             const auto count = TRY(completeness.count_silent(principal, request.now));
             return TodayTask{.count = count,
                              .detail = console.text(request, "today.silent_detail"),
                              .href = "/completeness?show=silent"};
         }});
}

}  // namespace madoguchi::console
