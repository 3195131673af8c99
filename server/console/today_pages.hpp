// /today: what waits for this person's hand, each line a link to the list behind it. Every room's work is a
// TodaySource.
#pragma once

#include "accounts/account_list_service.hpp"
#include "accounts/application_service.hpp"
#include "accounts/batch_service.hpp"
#include "accounts/dormancy_service.hpp"
#include "accounts/letter_service.hpp"
#include "accounts/request_service.hpp"
#include "directory/console_pages.hpp"
#include "reports/completeness_service.hpp"
#include "reports/proxy_report_service.hpp"

namespace madoguchi::console {

struct TodayTask {
    std::int64_t count = 0;
    std::string detail = {};  // what is in it, one short line
    std::string href = {};    // the list behind it; empty: there is none
    std::string badge = {};   // since when, until when; empty: none
    std::string_view tone = "is-neutral";
};

/// Its name is the text today.<id>. A task with 0 stays in its place, quiet; one that fails says so in its row.
struct TodaySource {
    std::string id;
    std::function<bool(const directory::Principal&, Instant)> concerns;
    std::function<Result<TodayTask>(const http::Request&, const directory::Principal&)> ask;
};

/// For `concerns`: whoever holds the permission.
std::function<bool(const directory::Principal&, Instant)> who_may(directory::Permission permission);

class TodayPages {
public:
    /// Keeps references.
    TodayPages(accounts::AccountListService& lists, directory::Console& console) : lists_(lists), console_(console) {}
    /// In the order in which they are shown.
    void add(TodaySource source) { sources_.push_back(std::move(source)); }
    void add_pages();

private:
    Result<http::Response> today(const http::Request& request, const directory::Principal& principal);
    void show_task(render::View& page, const http::Request& request, const directory::Principal& principal,
                   const TodaySource& source) const;
    void show_jurisdiction(render::View& page, const http::Request& request, const directory::Principal& principal);

    accounts::AccountListService& lists_;
    directory::Console& console_;
    std::vector<TodaySource> sources_;
};

/// today_accounts.cpp: initial passwords that lapse soon, accounts never and long not used.
void add_account_tasks(TodayPages& today, accounts::AccountListService& lists, const directory::Console& console);

/// today_desk.cpp: applications, requests and approvals, unused accounts that were warned, roles due for review.
struct DeskServices {
    accounts::RequestService& requests;
    accounts::ApplicationService& applications;
    accounts::DormancyService& dormancy;
    accounts::RoleService& roles;
};
void add_desk_tasks(TodayPages& today, const DeskServices& desk);

/// today_issuing.cpp: letters to print, batches to confirm, running and paused.
void add_issuing_tasks(TodayPages& today, accounts::LetterService& letters, accounts::BatchService& batches,
                       const directory::Console& console);

/// today_reports.cpp: reports to type for others, drafts that were not sent, figures to look at, organizations whose
/// report is overdue.
struct ReportServices {
    reports::DailyReportService& daily;
    reports::ProxyReportService& proxy;
    reports::CompletenessService& completeness;
};
void add_report_tasks(TodayPages& today, const ReportServices& services, const directory::Console& console);

}  // namespace madoguchi::console
