// /completeness: organizations by day, one organization over four weeks with the weekdays on which it reports, messages
// to those whose report is missing, and the list as a file. Works without scripts.
#pragma once

#include "directory/console_pages.hpp"
#include "reports/completeness_service.hpp"
#include "reports/missing_report_service.hpp"
#include "reports/report_schedule_service.hpp"

namespace madoguchi::reports {

class CompletenessPages {
public:
    struct Parts {
        CompletenessService& completeness;
        ReportScheduleService& schedules;
        MissingReportService& missing;
        directory::Console& console;
    };
    explicit CompletenessPages(Parts parts) : parts_(std::move(parts)) {}
    /// The routes keep a reference to this.
    void add_pages();

private:
    using Request = http::Request;
    using Principal = directory::Principal;
    using Page = Result<http::Response>;

    // completeness_pages.cpp
    Page list(const Request& request, const Principal& principal);
    void show_tally(render::View& page, const Request& request, const Completeness& found) const;
    void show_filters(render::View& page, const Request& request, const CompletenessQuestion& question) const;
    void show_head(render::View& page, const Request& request, const CompletenessQuestion& question) const;
    void show_row(render::View& page, const Request& request, const CompletenessRow& row) const;
    void show_places(render::View& page, const Request& request, const Completeness& found) const;
    void show_days(render::View& page, const Request& request, const Completeness& found) const;

    // completeness_organization_pages.cpp
    Page organization(const Request& request, const Principal& principal);
    Page change_schedule(const Request& request, const Principal& principal);
    Page draw_organization(const Request& request, const Principal& principal, OrganizationId id, const Schedule* typed,
                           const Error* error);
    void show_schedule(render::View& page, const Request& request, const ReportScheduleService::Shown& shown,
                       const Schedule& schedule) const;
    void show_day(render::View& page, const Request& request, const OrganizationDays& found, ReportDate date) const;
    Page confirm_reminders(const Request& request, const Principal& principal);
    Page send_reminders(const Request& request, const Principal& principal);
    Page as_csv(const Request& request, const Principal& principal);

    std::string text(const Request& request, const std::string& id, const render::TextValues& values = {}) const {
        return parts_.console.text(request, id, values);
    }

    Parts parts_;
};

/// What the address of the list asks for, `now` being today.
CompletenessQuestion completeness_question(const http::Request& request);

}  // namespace madoguchi::reports
