#include "console/today_pages.hpp"

namespace madoguchi::console {
namespace {

constexpr int kLettersCounted = 1000;

}  // namespace

void add_issuing_tasks(TodayPages& today, accounts::LetterService& letters, accounts::BatchService& batches,
                       const directory::Console& console) {
    using directory::Permission;
    using directory::Principal;
    using http::Request;
    today.add({.id = "letters",
               .concerns = who_may(Permission::issue_account),
               .ask = [&letters, &console](const Request& request, const Principal& principal) -> Result<TodayTask> {
                   const auto count = TRY(letters.count_waiting(principal, kLettersCounted, request.now));
                   return TodayTask{
                       .count = count, .detail = console.text(request, "today.letters_detail"), .href = "/letters"};
               }});
    today.add({.id = "batches",
               .concerns = who_may(Permission::create_organization),
               .ask = [&batches, &console](const Request& request, const Principal& principal) -> Result<TodayTask> {
                   const auto count = TRY(batches.count_open(principal, request.now));
                   return TodayTask{.count = count,
                                    .detail = console.text(request, "today.batches_detail"),
                                    .href = "/batches",
                                    .tone = "is-info"};
               }});
}

}  // namespace madoguchi::console
